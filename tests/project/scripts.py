"""Thirty ways to run a script from a text, and the eyes that see one of them come through in a browser."""

# Where a text may stand in a page, unescaped; a payload is made for the first one in which it is active.
PLACES = {
    "text": "<p>{}</p>",
    "double": '<input value="{}">',
    "single": "<input value='{}'>",
    "textarea": "<textarea>{}</textarea>",
    "title": "<svg><title>{}</title></svg>",
    "data": '<script type="application/json">{{"text": "{}"}}</script>',
    "comment": "<!-- {} -->",
    "address": '<a href="{}">x</a>',
}
PAYLOADS = [
    ("text", "<script>alert(1)</script>"),
    ("text", "<ScRiPt >alert(1)</sCrIpT>"),
    ("text", "<img src=x onerror=alert(1)>"),
    ("text", "<img/src/onerror=alert(1)>"),
    ("text", "<svg onload=alert(1)>"),
    ("text", "<svg><script>alert(1)</script></svg>"),
    ("text", "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>"),
    ("text", "<svg><animate onbegin=alert(1) attributeName=x dur=1s>"),
    ("text", "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>"),
    ("text", "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>"),
    ("text", "<iframe src=javascript:alert(1)></iframe>"),
    ("text", "<object data=javascript:alert(1)></object>"),
    ("text", "<embed src=javascript:alert(1)>"),
    ("text", "<details open ontoggle=alert(1)>x</details>"),
    ("text", "<input autofocus onfocus=alert(1)>"),
    ("text", "<video><source onerror=alert(1)></video>"),
    ("text", "<style onload=alert(1)></style>"),
    ("text", "<form><button formaction=javascript:alert(1)>x</button></form>"),
    ("text", "<a href=javascript:alert(1)>x</a>"),
    ("text", "<a href='java&#10;script:alert(1)'>x</a>"),
    ("text", "<base href=javascript:alert(1)//>"),
    ("text", "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>"),
    ("double", '"><script>alert(1)</script>'),
    ("double", '" autofocus onfocus=alert(1) x="'),
    ("single", "' autofocus onfocus=alert(1) x='"),
    ("textarea", "</textarea><script>alert(1)</script>"),
    ("title", "</title><img src=x onerror=alert(1)>"),
    ("data", "</script><script>alert(1)</script>"),
    ("comment", "--><img src=x onerror=alert(1)>"),
    ("address", "javascript:alert(1)"),
]
BEFORE = "window.ran = []; for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => window.ran.push(name);"
# What ran, and what would have run had somebody clicked, moved or waited: the portal itself has none of these.
SEEN = """() => {
  const found = [...window.ran];
  const plain = value => value.replace(/[\\s\\u0000-\\u0020]/g, "").toLowerCase();
  for (const one of document.querySelectorAll("*")) {
    for (const {name, value} of one.attributes) {
      if (/^on/i.test(name) || name === "srcdoc") found.push(`${one.localName} ${name}`);
      if (/^(href|src|data|action|formaction|xlink:href|content)$/i.test(name) && /^(javascript|vbscript|data:text)|url=javascript/.test(plain(value))) found.push(`${one.localName} ${name}=${value}`);
    }
    if (one.localName === "script" && !one.src && one.type !== "application/json") found.push("script");
  }
  return found;
}"""


def run_in(page, html: str) -> list[str]:
    """What of `html` runs in the browser, with no policy to stop it."""
    page.goto("about:blank")
    page.set_content(html, wait_until="domcontentloaded")
    return page.evaluate(SEEN)
