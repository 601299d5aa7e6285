"""The upper rungs of the ladder to GPT in PyTorch, as an oracle: what the lecture's published validation losses become when the whole
validation part is evaluated, and how far seeds lie apart. Context 8, width 32, 4 heads, 3 blocks, 5,000 steps of AdamW at 1e-3.

Usage: python bench/lectures/ladder.py tinyshakespeare.txt SEED residual|layer-norm|layer-norm-behind

Needs torch (written with 2.15).
"""

import sys

import torch
from torch import nn
from torch.nn import functional as F

path, seed, rung = sys.argv[1], int(sys.argv[2]), sys.argv[3]
B, T, C, H, STEPS = 32, 8, 32, 4, 5000
torch.set_num_threads(1)
torch.manual_seed(seed)
text = open(path).read()
ids = {character: index for index, character in enumerate(sorted(set(text)))}
tokens = torch.tensor([ids[character] for character in text])
cut = int(0.9 * len(tokens))
train, validation = tokens[:cut], tokens[cut:]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(C, 3 * C, bias=False)
        self.project = nn.Linear(C, C)

    def forward(self, x):
        q, k, v = (part.view(-1, T, H, C // H).transpose(1, 2) for part in self.qkv(x).split(C, dim=-1))
        # Divided by sqrt(C), not by sqrt(C / H): so does the lecture.
        heard = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=C**-0.5)
        return self.project(heard.transpose(1, 2).reshape(-1, T, C))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        norm = nn.Identity if rung == "residual" else lambda: nn.LayerNorm(C)
        self.attend = nn.Sequential(norm(), Attention())
        self.think = nn.Sequential(norm(), nn.Linear(C, 4 * C), nn.ReLU(), nn.Linear(4 * C, C))

    def forward(self, x):
        x = x + self.attend(x)
        return x + self.think(x)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(len(ids), C)
        self.positions = nn.Embedding(T, C)
        last = nn.LayerNorm(C) if rung == "layer-norm-behind" else nn.Identity()
        self.rest = nn.Sequential(Block(), Block(), Block(), last, nn.Linear(C, len(ids)))

    def forward(self, x, y):
        logits = self.rest(self.tokens(x) + self.positions.weight)
        return F.cross_entropy(logits.flatten(0, 1), y.flatten())


model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
for _ in range(STEPS):
    starts = torch.randint(len(train) - T, (B, 1)) + torch.arange(T)
    loss = model(train[starts], train[starts + 1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    windows = (len(validation) - 1) // T * T
    loss = model(validation[:windows].view(-1, T), validation[1 : windows + 1].view(-1, T))
print(f"torch {torch.__version__}, seed {seed}, {rung}: {loss.item():.4f}")
