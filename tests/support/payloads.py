"""What a hostile student would like to see alive on a page."""

import base64

HTML = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1><a xlink:href=javascript:window.pwned=1><text>x</text></a></svg>",
    "<svg><script>window.pwned=1</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1></style></mglyph></table></mtext></math>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<iframe src=javascript:parent.pwned=1></iframe>",
    "<object data=javascript:window.pwned=1></object><embed src=javascript:window.pwned=1>",
    "<a href=javascript:window.pwned=1>x</a>",
    "<a href=' java\nscript:window.pwned=1'>x</a>",
    "<a href='data:text/html,<script>window.pwned=1</script>'>x</a>",
    "<style>body { display: none; background: url(http://evil.invalid/s) }</style>",
    "<link rel=stylesheet href=http://evil.invalid/c><link rel=import href=http://evil.invalid/i>",
    "<meta http-equiv=refresh content='0;url=http://evil.invalid/m'><base href=http://evil.invalid/>",
    "<img src=http://evil.invalid/i.png><picture><source srcset=http://evil.invalid/p></picture>",
    "<video src=http://evil.invalid/v poster=http://evil.invalid/p><source onerror=window.pwned=1></video>",
    "<form action=http://evil.invalid/><button formaction=javascript:window.pwned=1>x</button><input autofocus "
    "onfocus=window.pwned=1></form>",
    "<details open ontoggle=window.pwned=1>x</details><marquee onstart=window.pwned=1>x</marquee>",
    "<b style='background:url(http://evil.invalid/b)' class=score id=test_bce_forward data-link=x onclick=1>b</b>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'></noscript>",
    "<template><script>window.pwned=1</script></template><textarea></textarea><img src=x onerror=window.pwned=1>",
    "<!--><img src=x onerror=window.pwned=1>--><![CDATA[<script>window.pwned=1</script>]]>",
    "</div></div></div><script>window.pwned=1</script><plaintext>",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;&#60;img src=x onerror=window.pwned=1&#62;",
]

TEX = [
    r"$\href{javascript:window.pwned=1}{x}$",
    r"$$\unicode[x;background:url(http://evil.invalid/u)]{65}$$",
    r"\(\style{background:url(http://evil.invalid/t)}{x}\)",
    r"$\class{score}{x} \cssId{notebook}{y}$",
    r"$\require{action}\def\a{\href}\a{javascript:window.pwned=1}{x}$",
    r"\begin{equation}\mmlToken{mi}[href=javascript:window.pwned=1]{x}\end{equation}",
    r"&#36;\href{javascript:window.pwned=1}{x}&#36;",
    r"$\text{<img src=x onerror=window.pwned=1>}$",
    r"$$\text{&lt;img src=x onerror=window.pwned=1&gt;}$$",
    r"$x$ [a](http://a.invalid/$\text{ onmouseover=window.pwned=1 }$)",
    *(
        rf"*a* ${before}{{a{end}{end}![y](http://evil.invalid/i.png) [x](javascript:window.pwned=1)}}{after}$"
        for end in ("&#13;", "&amp;#13;", "&#x0000D;", "&#10;", "&NewLine;", "\r", "&#x02028;")
        for before, after in ((r"\text", ""), (r"\mathrm", ""), (r"\unknown", ""), (r"\frac{1}", "{2"))
    ),
]

MARKDOWN = [
    "[x](javascript:window.pwned=1)",
    "[x](JaVaScRiPt&colon;window.pwned=1) [y](&#106;avascript:window.pwned=1)",
    "[x][r]\n\n[r]: javascript:window.pwned=1",
    '<javascript:window.pwned=1> <http://evil.invalid/"onclick=window.pwned=1>',
    "![x](http://evil.invalid/m.png) ![y](javascript:window.pwned=1)",
    "![x](attachment:missing.png)",
    "<div>\n\n[x](javascript:window.pwned=1)\n\n</div>",
    "<div>a\n\n<script>window.pwned=1</script></div>",
    "# <img src=x onerror=window.pwned=1>\n\n# notebook\n\ntest_bce_forward\n===",
    '```mermaid\ngraph TD; A-->B; click A href "javascript:window.pwned=1"\n```',
    "`<script>window.pwned=1</script>`\n\n```html\n<script>window.pwned=1</script>\n```",
    "| a | b |\n|---|---|\n| <img src=x onerror=window.pwned=1> | [x](javascript:window.pwned=1) |",
    "[<img src=x onerror=window.pwned=1>](http://a.invalid \"' onclick='window.pwned=1\")",
    "term\n: <svg onload=window.pwned=1>",
    "a $x <img src=x onerror=window.pwned=1> y$ b",
    "- [ ] <input autofocus onfocus=window.pwned=1>",
]

PICTURE = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
).decode()
TABLE = "<div><style scoped>p {}</style><table border=1 class=dataframe><tr><th>a</th></tr><tr><td>42</td></tr></table>"

SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=1"><script>window.pwned=1</script></svg>'
DATA = [
    {"application/javascript": "window.pwned=1"},
    {"text/javascript": "window.pwned=1"},
    {"image/svg+xml": SVG},
    {"application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>window.pwned=1</script>"}},
    {"application/vnd.plotly.v1+json": {"data": "<script>window.pwned=1</script>"}},
    {"application/pdf": "JVBERi0="},
    {"text/vnd.mermaid": "graph TD"},
    {"image/gif": "R0lGODlhAQABAAAAACw="},
    {"image/png": 'x" onerror="window.pwned=1'},
    {"image/png": base64.b64encode(SVG.encode()).decode()},
    {"image/jpeg": PICTURE},
    {"text/html; charset=utf-8": HTML[0]},
    {"text/plain": "</pre><script>window.pwned=1</script>"},
    *({"text/latex": payload} for payload in HTML + TEX),
    {"text/latex": r"$\text{</div><script>window.pwned=1</script>}$"},
    *({"text/html": payload} for payload in HTML + TEX),
    *({"text/markdown": payload} for payload in HTML + TEX + MARKDOWN),
]
METADATA = {
    "filenames": {"image/png": "http://evil.invalid/f.png"},
    "text/html": {"isolated": True},
    "image/png": {"width": "1 onload=window.pwned=1", "height": 30, "alt": '" onload="window.pwned=1', "unconfined": 1},
}
