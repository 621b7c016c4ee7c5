// Moving a decision to the record that stands where its own one stood.

import { askName, post, reviewer } from "./ask.js";

document.querySelector("main").addEventListener("click", async ({ target }) => {
  if (!target.matches(".move")) return;
  const decision = target.closest(".lost");
  const box = decision.querySelector(".outcome");
  if (!reviewer && !(await askName())) return;
  target.disabled = true;
  try {
    const { review, key } = decision.dataset;
    const answer = await post("/review/move", { review_id: Number(review), key });
    box.classList.remove("bad");
    box.textContent = answer.conflict
      ? `${answer.reviewer} has decided on that record meanwhile: ${answer.verdict}. Nothing is overwritten.`
      : `Moved: ${answer.status}.`;
  } catch (error) {
    box.classList.add("bad");
    box.textContent = `This is not moved. ${error.message}`;
    target.disabled = false;
  }
});
