"""The same training in PyTorch: `python pytorch.py eager|compile`, which answers requests as steps.mjs says.

Written as a person would who wants it fast on a CPU: attention by F.scaled_dot_product_attention, queries, keys and values of GPT-2 in one
product, gradients set to None, AdamW in the form (fused, foreach or plain) that is fastest here with this model's parameters. Names of
modules are those of the state dict that it is given.
"""

import json
import os
import resource
import sys
import time

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

MODE = sys.argv[1]


class Attention(nn.Module):
    """GPT-2's: one projection to queries, keys and values."""

    def __init__(self, config):
        super().__init__()
        C, bias = config["nEmbd"], config["bias"]
        self.heads = config["nHead"]
        self.qkv = nn.Linear(C, 3 * C, bias=bias and config["qkvBias"])
        self.output = nn.Linear(C, C, bias=bias)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (part.view(B, T, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(C, dim=-1))
        heard = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.output(heard.transpose(1, 2).reshape(B, T, C))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        C, bias = config["nEmbd"], config["bias"]
        self.expand = nn.Linear(C, 4 * C, bias=bias)
        self.project = nn.Linear(4 * C, C, bias=bias)

    def forward(self, x):
        return self.project(F.gelu(self.expand(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        C, bias = config["nEmbd"], config["bias"]
        self.norm1 = nn.LayerNorm(C, bias=bias)
        self.attention = Attention(config)
        self.norm2 = nn.LayerNorm(C, bias=bias)
        self.mlp = FeedForward(config)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        C, T = config["nEmbd"], config["blockSize"]
        self.tokenEmbedding = nn.Embedding(config["vocabSize"], C)
        self.positionEmbedding = nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config["nLayer"]))
        self.norm = nn.LayerNorm(C, bias=config["bias"])
        self.register_buffer("positions", torch.arange(T), persistent=False)

    def forward(self, inputs, targets):
        x = self.tokenEmbedding(inputs) + self.positionEmbedding(self.positions)
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokenEmbedding.weight)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)


class RotaryAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        C = config["nEmbd"]
        self.heads = config["nHead"]
        self.query = nn.Linear(C, C, bias=False)
        self.key = nn.Linear(C, C, bias=False)
        self.value = nn.Linear(C, C, bias=False)
        self.output = nn.Linear(C, C, bias=False)

    def forward(self, x, cos, sin):
        B, T, C = x.shape
        q, k, v = (layer(x).view(B, T, self.heads, -1).transpose(1, 2) for layer in (self.query, self.key, self.value))
        heard = F.scaled_dot_product_attention(turned(q, cos, sin), turned(k, cos, sin), v, is_causal=True)
        return self.output(heard.transpose(1, 2).reshape(B, T, C))


def turned(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class GatedFeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        C = config["nEmbd"]
        H = config["nHidden"] or -(-8 * C // 3 // 32) * 32
        self.gate = nn.Linear(C, H, bias=False)
        self.up = nn.Linear(C, H, bias=False)
        self.down = nn.Linear(H, C, bias=False)

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x))


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        C, eps = config["nEmbd"], config["normEps"]
        self.norm1 = nn.RMSNorm(C, eps=eps)
        self.attention = RotaryAttention(config)
        self.norm2 = nn.RMSNorm(C, eps=eps)
        self.mlp = GatedFeedForward(config)

    def forward(self, x, cos, sin):
        x = x + self.attention(self.norm1(x), cos, sin)
        return x + self.mlp(self.norm2(x))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        C, D = config["nEmbd"], config["nEmbd"] // config["nHead"]
        self.tokenEmbedding = nn.Embedding(config["vocabSize"], C)
        self.blocks = nn.ModuleList(LlamaBlock(config) for _ in range(config["nLayer"]))
        self.norm = nn.RMSNorm(C, eps=config["normEps"])
        frequencies = config["ropeTheta"] ** (-torch.arange(0, D, 2) / D)
        angles = torch.outer(torch.arange(config["blockSize"]), frequencies).repeat(1, 2)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, inputs, targets):
        x = self.tokenEmbedding(inputs)
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        logits = F.linear(self.norm(x), self.tokenEmbedding.weight)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        V, C, H = config["vocabSize"], config["nEmbd"], config["nHidden"]
        self.tokenEmbedding = nn.Embedding(V, C)
        self.hidden = nn.Linear(config["blockSize"] * C, H)
        self.output = nn.Linear(H, V)

    def forward(self, inputs, targets):
        hidden = self.hidden(self.tokenEmbedding(inputs).flatten(1)).tanh()
        return F.cross_entropy(self.output(hidden), targets.flatten(), ignore_index=-1)


class Training:
    def __init__(self, folder):
        with open(os.path.join(folder, "config.json"), encoding="utf8") as file:
            self.config = config = json.load(file)
        self.model = {"gpt": GPT, "llama": Llama, "mlp": MLP}[config["model"]](config)
        self.model.load_state_dict(load_file(os.path.join(folder, "model.safetensors")))
        self.batches = read_batches(os.path.join(folder, "batches.bin"), config)
        self.loss = torch.compile(self.model) if MODE == "compile" else self.model
        self.loss(*self.batches[0]).backward()  # compiles both passes
        self.form = self.fastest_form()
        self.optimizer = adamw(self.model.named_parameters(), config, self.form)
        self.step = 0

    def fastest_form(self):
        """The form of AdamW that takes the least time for copies of the parameters."""
        times = {}
        for form in ("fused", "foreach", "plain"):
            copies = {name: nn.Parameter(value.detach().clone()) for name, value in self.model.named_parameters()}
            for copy in copies.values():
                copy.grad = torch.full_like(copy, 1e-3)
            optimizer = adamw(copies.items(), self.config, form)
            times[form] = min(timed(optimizer.step) for _ in range(6))
        return min(times, key=times.get)

    def take(self):
        loss = self.loss(*self.batches[self.step % len(self.batches)])
        self.step += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config["gradClip"])
        self.optimizer.step()
        return loss.item()


def adamw(parameters, config, form):
    decayed = set(config["decayed"])
    groups = {True: [], False: []}
    for name, parameter in parameters:
        groups[name in decayed].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": groups[True], "weight_decay": config["weightDecay"]},
            {"params": groups[False], "weight_decay": 0.0},
        ],
        lr=config["learningRate"],
        betas=(config["beta1"], config["beta2"]),
        eps=config["eps"],
        fused=form == "fused",
        foreach=form == "foreach",
    )


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def read_batches(path, config):
    """Tensors of int64, which cross_entropy asks for."""
    B, lengths = config["batchSize"], (config["inputLength"], config["targetLength"])
    rows = np.fromfile(path, dtype="<i4").reshape(config["batches"], -1)
    cut = B * lengths[0]
    parts = ((row[:cut].reshape(B, lengths[0]), row[cut:].reshape(B, lengths[1])) for row in rows)
    return [tuple(torch.from_numpy(part.astype(np.int64)) for part in pair) for pair in parts]


training = None


def open_training(threads, folder, **_):
    global training
    torch.set_num_threads(threads)
    training = Training(folder)
    return {"version": f"torch {torch.__version__}, {training.form} AdamW"}


def train(steps, seconds=float("inf")):
    losses = []
    begin = time.perf_counter()
    while True:
        losses.append(training.take())
        elapsed = time.perf_counter() - begin
        if len(losses) >= steps or elapsed >= seconds:
            return {"losses": losses, "seconds": elapsed}


def memory():
    return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


ACTIONS = {"open": open_training, "train": train, "memory": memory}
for line in sys.stdin:
    request = json.loads(line)
    try:
        result = ACTIONS[request.pop("do")](**request)
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
