"""Searches for recipes of training on the first nine tenths of a text; the rest, which runs validate with, gives the set of
characters and nothing else. The last tenth of
those nine is held out from training and decides.

Usage: python bench/recipes/search.py tinyshakespeare.txt RESULTS.jsonl [NAME ...]

Every program trains a dozen models at once, which differ in their rates, decay and momentum: a leading axis E of all weights. They start
equal and see the same batches. The model is that of the trainer's `llama` with squared ReLU, norms of queries and keys and tied weights;
matrices are Muon's (Jordan et al. 2024), the rest AdamW's, as in the trainer. The number of steps of each shape is what the trainer
had time for on two cores, by measurement. Writes a line of JSON for each program: what was tried, the held-out loss of each model.

Needs a CUDA device (its first form took three minutes for the minute's recipes and seven for the hour's, with torch 2.11 on an H100); on a
processor it runs too, to be tried.
"""

import itertools
import json
import math
import sys
import time

import torch
from torch.nn import functional as F

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
WARM_UP = {"minute": 50, "hour": 100}
torch.set_float32_matmul_precision("high")


def read(path):
    """Ids of the characters to train on and of those held out, and how many characters there are."""
    text = open(path, newline="").read()
    ids = {character: index for index, character in enumerate(sorted(set(text)))}
    train = torch.tensor([ids[character] for character in text[: int(0.9 * len(text))]], device=DEVICE)
    cut = int(0.9 * len(train))
    return train[:cut], train[cut:], len(ids)


def weights(shape, E, V):
    """N(0, 0.02), projections into the residual stream divided by sqrt(2 L); norms at one. All [E, ...]."""
    C, L, D = shape["width"], shape["layers"], shape["width"] // shape["heads"]
    generator = torch.Generator().manual_seed(0)
    made = {}

    def normal(name, rows, columns, std=0.02):
        value = torch.randn(rows, columns, generator=generator) * std
        made[name] = value.expand(E, rows, columns).contiguous().to(DEVICE)

    normal("embedding", V, C)
    for layer in range(L):
        for name in "qkv":
            normal(f"{layer}.{name}", C, C)
        normal(f"{layer}.out", C, C, 0.02 / math.sqrt(2 * L))
        normal(f"{layer}.up", 4 * C, C)
        normal(f"{layer}.down", C, 4 * C, 0.02 / math.sqrt(2 * L))
        for name, size in (("norm1", C), ("norm2", C), ("queryNorm", D), ("keyNorm", D)):
            made[f"{layer}.{name}"] = torch.ones(E, size, device=DEVICE)
    made["norm"] = torch.ones(E, C, device=DEVICE)
    for value in made.values():
        value.requires_grad_(True)
    return made


def rms_norm(x, weight):  # [E, ..., C] and [E, C]
    scaled = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)
    return scaled * weight.view(len(weight), *[1] * (x.dim() - 2), -1)


def rotated(x, cos, sin):  # [E, B, H, T, D]
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


def losses(w, inputs, targets, shape, training=False):
    """Mean cross-entropy of each model, [E]; inputs and targets are [B, T]."""
    (B, T), E, H = inputs.shape, len(w["embedding"]), shape["heads"]
    D = shape["width"] // H
    p = shape["dropout"] if training else 0.0
    drop = (lambda x: F.dropout(x, p)) if p > 0 else (lambda x: x)
    frequencies = 10_000 ** (-torch.arange(0, D, 2, device=DEVICE) / D)
    angles = (torch.arange(T, device=DEVICE)[:, None] * frequencies).repeat(1, 2)
    cos, sin = angles.cos(), angles.sin()

    def linear(x, weight):  # [E, B, T, in] and [E, out, in]
        return torch.bmm(x.reshape(E, B * T, -1), weight.mT).view(E, B, T, -1)

    x = drop(w["embedding"][:, inputs])  # [E, B, T, C]
    for layer in range(shape["layers"]):
        y = rms_norm(x, w[f"{layer}.norm1"])
        q, k, v = (linear(y, w[f"{layer}.{name}"]).view(E, B, T, H, D).transpose(2, 3) for name in "qkv")
        q = rotated(rms_norm(q, w[f"{layer}.queryNorm"]), cos, sin)
        k = rotated(rms_norm(k, w[f"{layer}.keyNorm"]), cos, sin)
        q, k, v = (part.reshape(E * B, H, T, D) for part in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p)
        y = y.view(E, B, H, T, D).transpose(2, 3).reshape(E, B, T, -1)
        x = x + drop(linear(y, w[f"{layer}.out"]))
        y = rms_norm(x, w[f"{layer}.norm2"])
        x = x + drop(linear(F.relu(linear(y, w[f"{layer}.up"])).square(), w[f"{layer}.down"]))
    logits = linear(rms_norm(x, w["norm"]), w["embedding"])  # [E, B, T, V]
    expected = targets.expand(E, B, T).reshape(-1)
    return F.cross_entropy(logits.flatten(0, 2), expected, reduction="none").view(E, -1).mean(1)


def orthogonal(x):
    """Five Newton-Schulz iterations with Keller Jordan's coefficients, of [N, rows, columns]."""
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.mT if tall else x


class Ensemble:
    """Models and their optimizers; `tried` says what each of them has for rates, decay and momentum."""

    def __init__(self, shape, tried, V):
        E = len(tried)
        self.shape, self.w = shape, weights(shape, E, V)
        self.inputs = torch.zeros(shape["batch"], shape["context"], dtype=torch.long, device=DEVICE)
        self.targets = torch.zeros_like(self.inputs)
        self.training_loss = torch.zeros(E, device=DEVICE)
        self.schedule, self.count = torch.zeros((), device=DEVICE), torch.zeros((), device=DEVICE)
        self.setting = {key: torch.tensor([float(each[key]) for each in tried], device=DEVICE) for key in tried[0]}
        self.first = {name: torch.zeros_like(value) for name, value in self.w.items()}
        self.second = {name: torch.zeros_like(value) for name, value in self.w.items()}
        matrices = [name for name, value in self.w.items() if value.dim() == 3 and name != "embedding"]
        if "muonRate" not in self.setting:
            matrices = []
        self.muon = {}
        for name in matrices:
            self.muon.setdefault(self.w[name].shape[1:], []).append(name)
        self.adam = [name for name in self.w if name not in matrices]

    def of(self, key, value):
        return self.setting[key].view(-1, *[1] * (value.dim() - 1))

    def step(self):
        loss = losses(self.w, self.inputs, self.targets, self.shape, training=True)
        gradients = torch.autograd.grad(loss.sum(), list(self.w.values()))
        self.training_loss.copy_(loss.detach())
        norm = torch.stack([gradient.flatten(1).square().sum(1) for gradient in gradients]).sum(0).sqrt()
        self.setting["clip"] = (1 / (norm + 1e-6)).clamp(max=1)
        with torch.no_grad():
            self.count.add_(1)
            self.update({name: g * self.of("clip", g) for name, g in zip(self.w, gradients, strict=True)})

    def update(self, gradients):
        for name in self.adam:
            w, g, first, second = self.w[name], gradients[name], self.first[name], self.second[name]
            rate = self.of("rate", w) * self.schedule
            beta1, beta2 = 0.9, 0.95 if self.muon else 0.99
            first.mul_(beta1).add_(g * (1 - beta1))
            second.mul_(beta2).add_(g * g * (1 - beta2))
            if w.dim() == 3:
                w.mul_(1 - rate * self.of("decay", w))
            w.sub_(rate * (first / (1 - beta1**self.count)) / ((second / (1 - beta2**self.count)).sqrt() + 1e-8))
        for (rows, columns), names in self.muon.items():
            ahead = []
            for name in names:
                momentum = self.of("momentum", self.w[name])
                self.first[name].mul_(momentum).add_(gradients[name] * (1 - momentum))
                ahead.append(gradients[name] * (1 - momentum) + self.first[name] * momentum)
            directions = orthogonal(torch.cat(ahead)) * math.sqrt(max(1, rows / columns))
            for name, direction in zip(names, directions.split(len(self.training_loss)), strict=True):
                w = self.w[name]
                rate = self.of("muonRate", w) * self.schedule
                w.mul_(1 - rate * self.of("decay", w)).sub_(rate * direction)

    def compiled(self):
        """The step as a CUDA graph; weights and moments are put back to where they were."""
        if DEVICE == "cpu":
            return self.step
        start = {name: value.detach().clone() for name, value in self.w.items()}
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(2):
                self.step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        with torch.no_grad():
            for name, value in start.items():
                self.w[name].copy_(value)
                self.first[name].zero_()
                self.second[name].zero_()
        self.count.zero_()
        return graph.replay


def search(program, train, held_out, V):
    shape, steps, T = program["shape"], program["steps"], program["shape"]["context"]
    torch.manual_seed(0)
    ensemble = Ensemble(shape, program["tried"], V)
    step = ensemble.compiled()
    warm_up = WARM_UP[program["budget"]]
    for at in range(steps):
        ensemble.schedule.fill_((at + 1) / (warm_up + 1) if at < warm_up else 1 - (at - warm_up) / (steps - warm_up))
        begins = torch.randint(len(train) - T - 1, (shape["batch"], 1), device=DEVICE)
        places = begins + torch.arange(T, device=DEVICE)
        ensemble.inputs.copy_(train[places])
        ensemble.targets.copy_(train[places + 1])
        step()
    with torch.no_grad():
        rows = (len(held_out) - 1) // T
        inputs = held_out[: rows * T].view(rows, T)
        targets = held_out[1 : rows * T + 1].view(rows, T)
        parts = zip(inputs.split(64), targets.split(64), strict=True)
        sums = sum(losses(ensemble.w, x, y, shape) * len(x) for x, y in parts)
    return (sums / rows).tolist(), ensemble.training_loss.tolist()


def combined(**choices):
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def programs():
    """The shapes and settings that were searched, with the steps that each shape has time for."""
    muon = combined(muonRate=(0.01, 0.02, 0.04, 0.08), rate=(0.004, 0.01, 0.02), decay=(0,), momentum=(0.95,))
    fewer = combined(muonRate=(0.01, 0.02), rate=(0.004, 0.01), decay=(0, 0.1), momentum=(0.85, 0.9))
    adam = combined(rate=(1e-3, 2e-3, 3e-3, 5e-3, 8e-3, 1.2e-2), decay=(0,))
    minute = [  # name, width, layers, context, batch, steps, settings
        ("adamw-context-64", 128, 4, 64, 12, 1920, adam),
        ("adamw", 128, 4, 128, 8, 1392, adam),
        ("context-64", 128, 4, 64, 12, 1500, muon),
        ("base", 128, 4, 128, 8, 1110, muon),
        ("batch-4", 128, 4, 128, 4, 1820, muon),
        ("batch-16", 128, 4, 128, 16, 655, muon),
        ("context-256", 128, 4, 256, 4, 1020, muon),
        ("narrow", 96, 4, 128, 8, 1690, muon),
        ("narrow-momentum", 96, 4, 128, 8, 1690, fewer),
        ("narrow-context-256", 96, 4, 256, 4, 1500, muon),
        ("narrow-3-layers", 96, 3, 128, 8, 2200, fewer),
        ("3-layers", 128, 3, 128, 8, 1540, muon),
        ("2-layers", 128, 2, 128, 8, 2260, muon),
        ("wide-3-layers", 192, 3, 128, 8, 766, muon),
    ]
    decays = combined(muonRate=(0.02,), rate=(0.004,), decay=(0, 0.1, 0.2, 0.3, 0.5), momentum=(0.95,))
    hour = [  # as above, and dropout
        ("hour-192", 192, 6, 256, 16, 5000, decays, 0.1),
        ("hour-256", 256, 6, 256, 16, 3270, decays, 0.1),
        ("hour-256-dropout", 256, 6, 256, 16, 3270, decays, 0.2),
        ("hour-384", 384, 6, 256, 16, 1510, decays, 0.1),
    ]
    for name, width, layers, context, batch, steps, tried, *dropout in minute + hour:
        shape = {"width": width, "layers": layers, "context": context, "batch": batch}
        shape |= {"heads": 6 if width == 384 else width // 32, "dropout": dropout[0] if dropout else 0}
        budget = "hour" if dropout else "minute"
        yield {"name": name, "budget": budget, "shape": shape, "steps": steps, "tried": tried}


if __name__ == "__main__":
    path, results, *names = sys.argv[1:]
    parts = read(path)
    for program in programs():
        if names and program["name"] not in names:
            continue
        begin = time.time()
        held_out, training = search(program, *parts)
        found = {**program, "heldOut": held_out, "training": training, "seconds": time.time() - begin}
        with open(results, "a") as file:
            file.write(json.dumps(found) + "\n")
        best = min(range(len(held_out)), key=held_out.__getitem__)
        print(f"{program['name']}: {held_out[best]:.4f} with {program['tried'][best]}, in {found['seconds']:.0f} s", flush=True)
