"""A model directory in transformers and in onnxruntime: model.safetensors and onnx/model.onnx have the same logits, to 1e-4, for a batch that is
padded on the left, at once and token by token with a cache; ids, greedy tokens and the prompt of a conversation are ours.

    pip install torch transformers onnxruntime
    python bench/clients/hugging_face.py --expected FILE MODEL_DIR

FILE is what expectations.mjs says. Prints one line of JSON.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

TOLERANCE = 1e-4
CLIENT = "transformers and onnxruntime"


def main(directory, expected):
    import numpy as np
    import onnxruntime
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    checks = []
    record = lambda check, held, value: checks.append({"check": check, "held": bool(held), "value": value})
    tokenizer = AutoTokenizer.from_pretrained(directory)
    if tokenizer.pad_token is None:
        # As the card of the model says: any.
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    unlike = [t for t in expected["texts"] if tokenizer(t["text"], add_special_tokens=False).input_ids != t["ids"]]
    record("ids", not unlike, f"{len(expected['texts']) - len(unlike)} of {len(expected['texts'])} texts")
    if expected["transcript"] is not None:
        prompt = tokenizer.apply_chat_template(expected["conversation"], tokenize=False, add_generation_prompt=True)
        record("conversation", prompt == expected["transcript"], json.dumps(prompt[-20:]))

    model, info = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, output_loading_info=True)
    model.eval()
    stray = [*info["missing_keys"], *info["unexpected_keys"], *info["mismatched_keys"]]
    record("weights", not stray, "all named" if not stray else ", ".join(map(str, stray[:3])))

    answers = expected["greedy"]["fp32"]
    texts = [prompt["text"] for prompt in expected["prompts"]]
    inputs = tokenizer(texts, padding=True, return_tensors="pt")
    alone = [generate(model, tokenizer([text], return_tensors="pt"), expected)[0] for text in texts]
    record("greedy, alone", alone == [answer["ids"] for answer in answers], tokens_of(answers))
    batch = generate(model, inputs, expected)
    record("greedy, in a batch", batch == [answer["ids"] for answer in answers], tokens_of(answers))

    steps = 4
    rows = generate(model, inputs, expected, count=steps, whole=True)
    ids = torch.cat([inputs.input_ids, torch.tensor([row[:steps] for row in rows])], 1)
    mask = torch.cat([inputs.attention_mask, torch.ones(len(texts), steps, dtype=torch.long)], 1)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits.numpy()
    read = mask.bool().numpy()

    session = onnxruntime.InferenceSession(str(directory / "onnx" / "model.onnx"))
    whole, _ = run(session, ids.numpy(), mask.numpy(), positions.numpy(), None)
    at_once = float(np.abs(whole - logits)[read].max())
    record("logits at once", at_once <= TOLERANCE, f"at most {at_once:.1e} apart, of {np.abs(logits[read]).max():.1f}")
    length = inputs.input_ids.shape[1]
    pieces, past = [], None
    for begin, end in [(0, length)] + [(length + step, length + step + 1) for step in range(steps)]:
        piece, past = run(session, ids[:, begin:end].numpy(), mask[:, :end].numpy(), positions[:, begin:end].numpy(), past)
        pieces.append(piece)
    cached = float(np.abs(np.concatenate(pieces, 1) - logits)[read].max())
    record("logits with a cache", cached <= TOLERANCE, f"at most {cached:.1e} apart")

    for form, name in [("fp16", "model_fp16"), ("q8", "model_quantized"), ("q4", "model_q4")]:
        path = directory / "onnx" / f"{name}.onnx"
        if path.exists():
            values, _ = run(onnxruntime.InferenceSession(str(path)), ids.numpy(), mask.numpy(), positions.numpy(), None)
            apart = float(np.abs(values - logits)[read].max())
            record(f"{form} loads", np.isfinite(values[read]).all(), f"logits {apart:.1e} from fp32's")
    return {"client": f"transformers {transformers.__version__}, onnxruntime {onnxruntime.__version__}", "checks": checks}


def generate(model, inputs, expected, count=None, whole=False):
    """The new tokens of each row; `whole` keeps what follows the end of a text."""
    settings = {"max_new_tokens": expected["maxTokens"] if count is None else count, "do_sample": False}
    if whole:
        settings["min_new_tokens"] = count
    output = model.generate(**inputs, **settings)
    rows = output[:, inputs["input_ids"].shape[1] :].tolist()
    return rows if whole else [until_end(row, expected["stopIds"]) for row in rows]


def until_end(ids, stop_ids):
    return ids[: next((index for index, token in enumerate(ids) if token in stop_ids), len(ids))]


def tokens_of(answers):
    return f"{sum(len(answer['ids']) for answer in answers)} tokens"


def run(session, ids, mask, positions, past):
    """Logits, and the cache as the inputs of the next step."""
    import numpy as np

    feeds = {"input_ids": ids, "attention_mask": mask, "position_ids": positions}
    for value in session.get_inputs():
        if value.name.startswith("past_key_values"):
            empty = (len(ids), value.shape[1], 0, value.shape[3])
            feeds[value.name] = np.zeros(empty, np.float32) if past is None else past[value.name]
    names = [output.name for output in session.get_outputs()]
    results = dict(zip(names, session.run(names, feeds)))
    present = {name.replace("present", "past_key_values"): value for name, value in results.items() if name != "logits"}
    return results["logits"], present


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--expected", type=Path, required=True)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    try:
        report = main(arguments.directory, json.loads(arguments.expected.read_text()))
    except ModuleNotFoundError as error:
        report = {"client": CLIENT, "absent": str(error)}
    sys.stdout.write(json.dumps(report) + "\n")
