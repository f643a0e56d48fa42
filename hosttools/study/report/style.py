"""How a report looks: the colours of the project's other pages, light, dark and on paper."""

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a2129; --muted: #54606c; --line: #d5dbe1;
  --ground: #f1f3f5; --panel: #fff; --accent: #17578c;
  --plot-0: #0072b2; --plot-1: #c95500; --plot-2: #008a64; --plot-3: #b85c92;
  --plot-4: #a87400; --plot-5: #2c8fc9; --plot-6: #707070; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --muted: #a3afba;
  --line: #2b343d; --ground: #101418; --panel: #181e24; --accent: #86bdf0;
  --plot-0: #4da3e0; --plot-1: #f0803c; --plot-2: #1fc197; --plot-3: #db93bb;
  --plot-4: #e6b03a; --plot-5: #9ad4f7; --plot-6: #a8a8a8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--ground);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; } p { margin: .4rem 0; }
.soft, figcaption, summary { color: var(--muted); font-size: .9rem; }
.say { background: var(--panel); border-left: 4px solid var(--accent); margin: .4rem 0;
  padding: .2rem 1rem; }
figure { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem;
  margin: .75rem 0 .5rem; padding: 1rem; break-inside: avoid; }
figure svg { display: block; height: auto; width: 100%; } figure svg.narrow { display: none; }
figcaption { margin-top: .5rem; } summary { cursor: pointer; }
.frame { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: right;
  vertical-align: top; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td { white-space: nowrap; } tbody th { min-width: 7rem; }
thead th { color: var(--muted); font-weight: 500; }
pre { background: var(--panel); padding: 1rem; overflow-x: auto; font-size: .8rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 38rem) { body { padding: 1rem .75rem 3rem; } figure { padding: .5rem; }
  figure svg { display: none; } figure svg.narrow { display: block; } }
h2 { break-after: avoid; } tr, .say { break-inside: avoid; }
@media print { body { background: none; max-width: none; padding: 0; }
  td { white-space: normal; } .frame { overflow: visible; }
  figure svg { display: block; } figure svg.narrow, details { display: none; } }
"""
