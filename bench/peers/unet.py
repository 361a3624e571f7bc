"""The U-Net of ddpm in PyTorch: parameter names and shapes are those of ddpm's checkpoints."""
import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Multi-head self-attention over [N, T, C], with torch.nn.MultiheadAttention's parameter names."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, x):
        n, t, c = x.shape
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias).view(n, t, 3, self.heads, c // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.out_proj(y.transpose(1, 2).reshape(n, t, c))


class Block(nn.Module):
    """Residual units and attention units on [N, C, H, W]; what Down, Mid and Up share."""

    def __init__(self, cfg, cin, cout, residuals, attentions):
        super().__init__()
        groups, emb = cfg["norm_groups"], cfg["time_emb_dim"]
        widths = [cin] + [cout] * (residuals - 1)

        def norm_conv(w):
            return nn.Sequential(nn.GroupNorm(groups, w), nn.SiLU(), nn.Conv2d(w, cout, 3, padding=1))

        self.resnet_conv_first = nn.ModuleList(norm_conv(w) for w in widths)
        self.t_emb_layers = nn.ModuleList(nn.Sequential(nn.SiLU(), nn.Linear(emb, cout)) for _ in widths)
        self.resnet_conv_second = nn.ModuleList(norm_conv(cout) for _ in widths)
        self.attention_norms = nn.ModuleList(nn.GroupNorm(groups, cout) for _ in range(attentions))
        self.attentions = nn.ModuleList(Attention(cout, cfg["num_heads"]) for _ in range(attentions))
        self.residual_input_conv = nn.ModuleList(nn.Conv2d(w, cout, 1) for w in widths)

    def residual(self, i, x, emb):
        h = self.resnet_conv_first[i](x) + self.t_emb_layers[i](emb)[:, :, None, None]
        return self.resnet_conv_second[i](h) + self.residual_input_conv[i](x)

    def attend(self, i, x):
        if not self.attentions:
            return x
        n, c, h, w = x.shape
        y = self.attentions[i](self.attention_norms[i](x).flatten(2).transpose(1, 2))
        return x + y.transpose(1, 2).reshape(n, c, h, w)

    def in_turn(self, x, emb):
        for i in range(len(self.residual_input_conv)):
            x = self.attend(i, self.residual(i, x, emb))
        return x


class Down(Block):
    def __init__(self, cfg, level):
        cin, cout = cfg["down_channels"][level : level + 2]
        layers = cfg["num_down_layers"]
        super().__init__(cfg, cin, cout, layers, layers if cfg["attention"][level] else 0)
        halves = cfg["down_sample"][level]
        self.down_sample_conv = nn.Conv2d(cout, cout, 4, stride=2, padding=1) if halves else nn.Identity()

    def forward(self, x, emb):
        return self.down_sample_conv(self.in_turn(x, emb))


class Mid(Block):
    def __init__(self, cfg, i):
        cin, cout = cfg["mid_channels"][i : i + 2]
        layers = cfg["num_mid_layers"]
        super().__init__(cfg, cin, cout, layers + 1, layers if cfg["mid_attention"] else 0)

    def forward(self, x, emb):
        x = self.residual(0, x, emb)
        for i in range(len(self.residual_input_conv) - 1):
            x = self.residual(i + 1, self.attend(i, x), emb)
        return x


class Up(Block):
    def __init__(self, cfg, level):
        cin = cfg["down_channels"][level]
        cout = cfg["down_channels"][level - 1] if level else cfg["conv_out_channels"]
        layers = cfg["num_up_layers"]
        super().__init__(cfg, 2 * cin, cout, layers, layers if cfg["attention"][level] else 0)
        doubles = cfg["down_sample"][level]
        self.up_sample_conv = nn.ConvTranspose2d(cin, cin, 4, stride=2, padding=1) if doubles else nn.Identity()

    def forward(self, x, skip, emb):
        return self.in_turn(torch.cat((self.up_sample_conv(x), skip), 1), emb)


class UNet(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb, levels = cfg["time_emb_dim"], len(cfg["down_channels"]) - 1
        half = emb // 2
        self.register_buffer("frequency", 10000.0 ** (-torch.arange(half) / half), persistent=False)
        self.factor = 2 ** sum(cfg["down_sample"])
        self.t_proj = nn.Sequential(nn.Linear(emb, emb), nn.SiLU(), nn.Linear(emb, emb))
        self.conv_in = nn.Conv2d(cfg["im_channels"], cfg["down_channels"][0], 3, padding=1)
        self.downs = nn.ModuleList(Down(cfg, i) for i in range(levels))
        self.mids = nn.ModuleList(Mid(cfg, i) for i in range(len(cfg["mid_channels"]) - 1))
        self.ups = nn.ModuleList(Up(cfg, i) for i in reversed(range(levels)))
        self.norm_out = nn.GroupNorm(cfg["norm_groups"], cfg["conv_out_channels"])
        self.conv_out = nn.Conv2d(cfg["conv_out_channels"], cfg["out_channels"], 3, padding=1)

    def forward(self, x, t):
        angle = t[:, None] * self.frequency
        emb = self.t_proj(torch.cat((angle.sin(), angle.cos()), 1))
        x, skips = self.conv_in(x), []
        for down in self.downs:
            skips.append(x)
            x = down(x, emb)
        for mid in self.mids:
            x = mid(x, emb)
        for up in self.ups:
            x = up(x, skips.pop(), emb)
        return self.conv_out(F.silu(self.norm_out(x)))
