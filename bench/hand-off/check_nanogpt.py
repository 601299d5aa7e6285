"""Compares a checkpoint of nanoGPT with an exported ONNX model of the same weights: logits, and the loss over the whole validation split.

Run with: python check_nanogpt.py path/to/nanoGPT NAME MODEL.onnx [tanh]

NAME is what load.py was given: out-NAME/ckpt.pt and data/NAME/val.bin are read. With `tanh`, nanoGPT's GELU is replaced by its tanh form.
The loss is over windows of the context side by side, as `llm-learning eval` takes them. Needs torch, numpy and onnxruntime.
"""

import sys

import numpy as np
import onnxruntime
import torch

nanogpt, name, path, *choice = sys.argv[1:]
sys.path.insert(0, nanogpt)
from model import GPT, GPTConfig  # noqa: E402

checkpoint = torch.load(f"{nanogpt}/out-{name}/ckpt.pt", map_location="cpu", weights_only=True)
args = checkpoint["model_args"]
model = GPT(GPTConfig(**args)).eval()
model.load_state_dict(checkpoint["model"])
if choice == ["tanh"]:
    for block in model.transformer.h:
        block.mlp.gelu = torch.nn.GELU(approximate="tanh")
T, H, D = args["block_size"], args["n_head"], args["n_embd"] // args["n_head"]
ids = np.fromfile(f"{nanogpt}/data/{name}/val.bin", dtype=np.uint16).astype(np.int64)

B = 8
x = ids[: B * T].reshape(B, T)
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
feeds = {"input_ids": x, "attention_mask": np.ones_like(x), "position_ids": np.tile(np.arange(T), (B, 1))}
for value in session.get_inputs():
    if value.name.startswith("past_key_values."):
        feeds[value.name] = np.zeros((B, H, 0, D), np.float32)
ours = session.run(["logits"], feeds)[0]
with torch.no_grad():
    theirs = model(torch.from_numpy(x), torch.from_numpy(x))[0].numpy()
print(f"logits: at most {np.abs(ours - theirs).max():.3g} apart, of {np.abs(ours).max():.3g}")

total = 0.0
with torch.no_grad():
    for begin in range(0, len(ids) - 1, 256 * T):
        part = ids[begin : begin + 256 * T + 1]
        whole = (len(part) - 1) // T * T
        for inputs, targets in [
            (part[:whole].reshape(-1, T), part[1 : whole + 1].reshape(-1, T)),
            (part[whole:-1][None], part[whole + 1 :][None]),
        ]:
            if targets.size > 0:
                total += model(torch.from_numpy(inputs), torch.from_numpy(targets))[1].item() * targets.size
print(f"loss: {total / (len(ids) - 1):.7f} over {len(ids) - 1} tokens")
