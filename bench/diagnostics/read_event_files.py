"""Reads a run's event files with TensorBoard itself, and compares what it finds with the run's metrics.jsonl and diagnostics.jsonl.

    pip install tensorboard
    llm-learning train --preset nanogpt-cpu --max-steps 200 --watch-interval 20 --tensorboard --out runs/watched
    python bench/diagnostics/read_event_files.py runs/watched

A scalar is a float32 in an event file: it has to be the nearest one to the number in metrics.jsonl. Exit status 1 where anything differs.
"""

import json
import sys
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.version import VERSION

TAGS = {
    "trainLoss": "loss/train",
    "valLoss": "loss/validation",
    "evalTrainLoss": "loss/train, evaluated",
    "learningRate": "optimizer/learning rate",
    "gradNorm": "optimizer/gradient norm",
    "tokensPerSecond": "speed/tokens per second",
}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def main(run):
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    events.Reload()
    differences = []
    scalars = 0
    metrics = lines(run / "metrics.jsonl")
    for key, tag in TAGS.items():
        expected = [(line["step"], line[key]) for line in metrics if key in line]
        found = [(event.step, event.value) for event in events.Scalars(tag)] if expected else []
        scalars += len(found)
        if [step for step, _ in expected] != [step for step, _ in found]:
            differences.append(f"{tag}: {len(expected)} steps expected, {len(found)} found")
        for (step, value), (_, read) in zip(expected, found):
            if np.float32(value) != np.float32(read):
                differences.append(f"{tag}, step {step}: {value} expected, {read} found")
    histograms = 0
    for line in lines(run / "diagnostics.jsonl"):
        for record in line["records"]:
            group = "weights" if record["kind"] == "parameter" else "activations"
            for tag, part in ((group, record), (f"gradients of {group}", record["gradient"])):
                if part is None or part["histogram"] is None:
                    continue
                found = [e for e in events.Histograms(f"{tag}/{record['name']}") if e.step == line["step"]]
                histograms += len(found)
                expected = part["histogram"]
                # TensorBoard names bins by their upper borders, and may lead with an empty one.
                counts = [c for e in found for c in e.histogram_value.bucket]
                limits = [b for e in found for b in e.histogram_value.bucket_limit]
                if len(found) != 1 or counts != expected["counts"] or limits != expected["edges"][1:]:
                    differences.append(f"{tag}/{record['name']}, step {line['step']}: another histogram, or {len(found)} of them")
    files = sorted((run / "tensorboard").iterdir())
    print(f"TensorBoard {VERSION}: {len(files)} files, {scalars} scalars, {histograms} histograms, {len(differences)} differences")
    for difference in differences[:20]:
        print(difference)
    return 1 if differences or scalars == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
