/* style.c - how the page looks, on a bright and a dark screen, and on paper. */
#include "report/sections.h"

/* Eight colors that are told apart with the usual defects of color vision too; brighter ones on a dark ground. */
#define STYLE_BRIGHT                                                                                                   \
  "--ground:#fff;--card:#f7f8fa;--ink:#1c2128;--weak:#5d6672;--rule:#d9dee5;--accent:#0b62a8;"                         \
  "--c0:#0b6fb8;--c1:#d1495b;--c2:#23875a;--c3:#c06a12;--c4:#7a4fb5;--c5:#007f8c;--c6:#87730b;--c7:#68707b"
#define STYLE_DARK                                                                                                     \
  "--ground:#14181d;--card:#1c2229;--ink:#e4e8ed;--weak:#98a2ae;--rule:#333c47;--accent:#7bbcf5;"                      \
  "--c0:#5fb2f2;--c1:#ff8090;--c2:#5fca93;--c3:#f2a558;--c4:#bda1f7;--c5:#50d0da;--c6:#dcc35a;--c7:#b4bcc6"

const char *const swl_report_style[] = {
    ":root{color-scheme:light dark;" STYLE_BRIGHT "}\n",
    "@media (prefers-color-scheme:dark){:root{" STYLE_DARK "}}\n",
    "@media print{:root{color-scheme:light;" STYLE_BRIGHT "}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n",
    "main{max-width:76rem;margin:0 auto;padding:2rem 1.5rem 4rem}\n",
    "h1{font-size:1.7rem;line-height:1.25;margin:0 0 .3rem;overflow-wrap:anywhere}\n",
    "h2{font-size:1.25rem;margin:2.6rem 0 .8rem;padding-bottom:.3rem;border-bottom:1px solid var(--rule)}\n",
    "h3{font-size:1rem;margin:1.4rem 0 .5rem}\n",
    "p{margin:.5rem "
    "0}.lead{color:var(--weak);margin-bottom:0;max-width:60rem}.note{color:var(--weak);font-size:.9rem}\n",
    "ul{margin:.5rem 0;padding-left:1.3rem;max-width:60rem}li{margin:.35rem 0}\n",
    ".cards{display:flex;flex-wrap:wrap;gap:.8rem;margin:0 0 1.2rem}\n",
    ".cards div{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.6rem 1rem;"
    "display:flex;flex-direction:column-reverse;min-width:8rem}\n",
    ".cards dt{color:var(--weak);font-size:.85rem}.cards "
    "dd{margin:0;font-size:1.45rem;font-variant-numeric:tabular-nums}\n",
    ".wide{overflow-x:auto}\n",
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}\n",
    "th,td{padding:.28rem .9rem .28rem 0;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}\n",
    "th{font-weight:600;text-align:right}tbody th,th.text,td.text{text-align:left}tbody "
    "th{font-weight:400;color:var(--weak);"
    "padding-right:1.6rem}.best{font-weight:700}.weak{color:var(--weak)}\n",
    ".one,.one tbody{display:block}.one tbody{columns:3 17rem;column-gap:3rem}.one tr{display:flex;"
    "justify-content:space-between;border-bottom:1px solid var(--rule);break-inside:avoid}.one th,.one td{border:0}\n",
    ".run{display:inline-flex;align-items:center;gap:.4rem;max-width:24rem;overflow-wrap:anywhere;white-space:normal}"
    "\n",
    "th.names{white-space:normal;min-width:10rem;max-width:22rem}\n",
    ".swatch{flex:none;width:.75rem;height:.75rem;border-radius:3px;background:var(--c)}\n",
    ".c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}"
    ".c4{--c:var(--c4)}.c5{--c:var(--c5)}.c6{--c:var(--c6)}.c7{--c:var(--c7)}\n",
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(30rem,100%),1fr));gap:1rem;margin-top:.8rem}"
    "\n",
    "figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.8rem .9rem .5rem;"
    "break-inside:avoid;display:flex;flex-direction:column}\n",
    "figcaption{font-size:.88rem;color:var(--weak)}figcaption b{color:var(--ink);font-size:1rem;margin-right:.4rem}\n",
    ".legend{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;font-size:.85rem;margin:.3rem 0 0}\n",
    ".key{width:26px;height:8px;flex:none}\n",
    ".plot{display:block;width:100%;height:auto;margin-top:auto}\n",
    "svg{font:12px system-ui,sans-serif;font-variant-numeric:tabular-nums}svg text{fill:var(--weak)}\n",
    ".tick.y{text-anchor:end}.tick.x,svg .title{text-anchor:middle}\n",
    ".grid path.grid,path.grid{stroke:var(--rule);stroke-width:1;fill:none}"
    ".base,.stub{stroke:var(--weak);stroke-width:1;fill:none}\n",
    ".line{fill:none;stroke:var(--c);stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round}"
    ".plain{stroke:var(--ink)}\n",
    ".s1{stroke-dasharray:6 4}.s2{stroke-dasharray:1 4}.s3{stroke-width:1.2;stroke-dasharray:2 "
    "3}.dot{fill:var(--c)}.again{stroke-width:3.4;opacity:.65}\n",
    ".band{fill:var(--c);opacity:.2}.mark{stroke:var(--c);stroke-width:1.3;stroke-dasharray:2 3;fill:none}\n",
    ".confusion td{position:relative;isolation:isolate;text-align:center;padding:.28rem "
    ".3rem;min-width:3.2rem;border:0}"
    ".confusion th{border:0;padding:.28rem .6rem;max-width:8rem;overflow:hidden;text-overflow:ellipsis}"
    ".confusion thead th{text-align:center;max-width:4rem}.confusion .right{color:var(--weak);padding-left:.8rem}\n",
    ".hit::before,.miss::before{content:\"\";position:absolute;inset:1px;border-radius:3px;z-index:-1;opacity:var(--p);"
    "background:var(--c0);print-color-adjust:exact;-webkit-print-color-adjust:exact}.miss::before{background:var(--c1)}"
    ".hit{font-weight:600}sub,sup{line-height:0;font-size:.75em}\n",
    "input[name=x]{position:absolute;opacity:0;pointer-events:none}\n",
    "label{display:inline-block;padding:.2rem .8rem;margin-right:.3rem;border:1px solid var(--rule);border-radius:99px;"
    "font-size:.88rem;cursor:pointer;color:var(--weak)}\n",
    "input:checked+label{border-color:var(--accent);color:var(--accent);font-weight:600}"
    "input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}\n",
    ".by-epoch,.by-seconds,#x-epoch:checked~.grid .by-update,#x-seconds:checked~.grid .by-update{display:none}\n",
    "#x-epoch:checked~.grid .by-epoch,#x-seconds:checked~.grid .by-seconds{display:block}\n",
    ".tiles{display:flex;flex-wrap:wrap;gap:4px}.tiles "
    "img{image-rendering:pixelated;border-radius:2px;display:block}\n",
    "code{font:.92em ui-monospace,monospace;white-space:nowrap}\n",
    "details{margin:.6rem 0}summary{cursor:pointer;color:var(--accent)}"
    "pre{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.8rem 1rem;overflow-x:auto;"
    "font:.85rem/1.5 ui-monospace,monospace}\n",
    "footer{margin-top:3rem;color:var(--weak);font-size:.85rem}\n",
    "@media(max-width:600px){.confusion{font-size:.78rem}.confusion td{min-width:1.9rem;padding:.28rem 0}"
    ".confusion th{padding:.28rem .2rem}.confusion .right{padding-left:.3rem}"
    "tbody th,td.text{white-space:normal;overflow-wrap:anywhere;min-width:7rem}.confusion th{min-width:0}}\n",
    "@media print{p{orphans:3;widows:3}main{max-width:none;padding:0}.grid{grid-template-columns:1fr "
    "1fr}label{display:none}"
    "input:checked+label{display:inline-block;border:0;padding:0}h2{break-after:avoid}}\n",
    NULL};
