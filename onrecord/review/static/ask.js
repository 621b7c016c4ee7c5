// Asking the server, and who is asking.

const csrf = document.querySelector('meta[name="csrf-token"]').content;
export let reviewer = document.querySelector('meta[name="reviewer"]').content;

export async function post(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrftoken": csrf },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20000),
    });
  } catch {
    throw new Error("The server does not answer: is it still running?");
  }
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: response.ok ? "The server's answer can't be read." : text.slice(0, 200) };
  }
  if (!response.ok && response.status !== 409) throw new Error(answer.error || `The server says ${response.status}.`);
  return { conflict: response.status === 409, ...answer };
}

// Who reviews -------------------------------------------------------------------------------------------------------

const naming = document.querySelector("dialog.name");

export function askName() {
  return new Promise((resolve) => {
    const form = naming.querySelector("form");
    const wrong = naming.querySelector(".wrong");
    form.onsubmit = async (event) => {
      event.preventDefault();
      try {
        reviewer = (await post("/review/name", { name: form.elements.name.value })).reviewer;
        const line = document.querySelector(".reviewer");
        if (line) {
          line.querySelector("b").textContent = reviewer;
          line.hidden = false;
        }
        naming.close("keep");
      } catch (error) {
        wrong.textContent = error.message;
      }
    };
    naming.querySelector(".cancel").onclick = () => naming.close("");
    naming.onclose = () => naming.open || resolve(Boolean(reviewer)); // it may be open again by then
    wrong.textContent = "";
    form.elements.name.value = reviewer;
    naming.showModal();
  });
}

document.querySelector(".rename")?.addEventListener("click", askName);
