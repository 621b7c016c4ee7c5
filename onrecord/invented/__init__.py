"""Large files to measure with: invented bodies, people and outlets say invented things, the same for the same seed.

`python -m onrecord.invented DB --quotes N`
"""
