/** The shop's own look; it has nothing in common with the dashboard's, as a real site would not. */
export const style = /* css */ `
:root {
  color-scheme: light dark;
  --ground: #fbfaf6; --surface: #ffffff; --ink: #1b2430; --quiet: #586270; --line: #e5e1d6;
  --brand: #14425c; --brand-ink: #ffffff; --signal: #b3590a; --deep: #0f2f42; --deep-ink: #eef4f7;
  --notice: #fff0cf; --notice-ink: #5a3d00; --error: #fdeae6; --error-ink: #8c2413;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161b; --surface: #1a2027; --ink: #e9ecef; --quiet: #a4aeb8; --line: #2d3640;
    --brand: #8cc8e6; --brand-ink: #08212e; --signal: #f0a35a; --deep: #0b2230; --deep-ink: #e2edf3;
    --notice: #3a2d10; --notice-ink: #f3d596; --error: #421d16; --error-ink: #ffc4b8;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.6 Georgia, 'Iowan Old Style', 'Noto Serif', serif; }
h1, h2, h3, nav, button, input, label, .sans, .button, .tag, table { font-family: system-ui, 'Segoe UI', Roboto, sans-serif; }
h1 { margin: 0 0 16px; font-size: clamp(1.8rem, 4vw, 2.7rem); line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 40px 0 12px; font-size: 1.35rem; line-height: 1.3; }
h3 { margin: 0 0 6px; font-size: 1.05rem; }
p { margin: 0 0 14px; }
a { color: var(--brand); text-underline-offset: 0.18em; }
:focus-visible { outline: 3px solid var(--signal); outline-offset: 2px; }
.width { max-width: 1040px; margin-inline: auto; padding-inline: 20px; }
.notice { background: var(--notice); color: var(--notice-ink); font: 14px/1.5 system-ui, sans-serif; }
.notice .width { padding-block: 8px; }
.notice summary { cursor: pointer; }
.notice p { margin: 8px 0 4px; max-width: 78ch; }
.notice a { color: inherit; }
.top { border-bottom: 1px solid var(--line); background: var(--surface); }
.top .width { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 22px; padding-block: 14px; }
.brand { display: inline-flex; align-items: center; gap: 10px; color: var(--ink); font: 700 1.1rem system-ui, sans-serif; text-decoration: none; }
.brand svg { width: 26px; height: 26px; }
.brand path { fill: none; stroke: var(--signal); stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round; }
.top nav { display: flex; flex-wrap: wrap; gap: 2px 18px; margin-left: auto; font-size: 0.95rem; }
.top nav a { padding: 4px 0; color: var(--ink); text-decoration: none; border-bottom: 2px solid transparent; }
.top nav a:hover, .top nav a[aria-current] { border-color: var(--signal); }
main { padding-block: 40px 56px; }
.hero { margin: -40px 0 8px; padding-block: 56px; background: var(--deep); color: var(--deep-ink); }
.hero .width { display: grid; gap: 28px; align-items: center; }
.hero p { max-width: 52ch; font-size: 1.1rem; }
.hero svg { width: 100%; height: auto; }
.hero .wave { fill: none; stroke: #f0a35a; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
.hero .grid { stroke: #24506a; stroke-width: 1; }
.hero .ring { fill: none; stroke: #f0a35a; stroke-width: 1.5; }
.hero .button { background: #f0a35a; color: #1d1204; }
.hero .second { color: var(--deep-ink); }
.actions { display: flex; flex-wrap: wrap; gap: 12px 22px; align-items: center; }
.button {
  display: inline-block; padding: 10px 20px; border: 0; border-radius: 6px; background: var(--brand);
  color: var(--brand-ink); font-size: 1rem; font-weight: 600; text-decoration: none; cursor: pointer;
}
.button:hover { filter: brightness(1.08); }
.link { padding: 0; border: 0; background: none; color: var(--brand); font-size: 0.95rem; text-decoration: underline; cursor: pointer; }
.quiet { color: var(--quiet); font-size: 0.95rem; }
.cards { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); margin: 0; padding: 0; list-style: none; }
.card { display: flex; flex-direction: column; gap: 4px; padding: 22px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
.card p { margin-bottom: 10px; }
.card h2 { margin-top: 0; }
table + .price { margin-top: 16px; }
.card form, .card .foot { margin-top: auto; }
.price { font: 700 1.3rem system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.text { max-width: 68ch; }
.text ul { padding-left: 1.2em; }
.form { display: grid; gap: 6px; max-width: 460px; }
.form label { margin-top: 8px; font-size: 0.95rem; font-weight: 600; }
.form input { width: 100%; padding: 10px 12px; border: 1px solid var(--quiet); border-radius: 6px; background: var(--surface); color: var(--ink); font-size: 1rem; }
.form .button { justify-self: start; margin-top: 14px; }
.error { max-width: 68ch; padding: 12px 16px; border-radius: 6px; background: var(--error); color: var(--error-ink); }
table { width: 100%; border-collapse: collapse; font-size: 0.95rem; font-variant-numeric: tabular-nums; }
th, td { padding: 10px 12px 10px 0; border-bottom: 1px solid var(--line); text-align: left; }
.number { text-align: right; }
footer { border-top: 1px solid var(--line); background: var(--surface); }
footer .width { display: grid; gap: 28px; padding-block: 32px; }
footer h2 { margin: 0 0 8px; font-size: 1.05rem; }
footer ul { margin: 0; padding: 0; list-style: none; font: 0.95rem/2 system-ui, sans-serif; }
@media (min-width: 760px) {
  .hero .width { grid-template-columns: 1.2fr 1fr; }
  footer .width { grid-template-columns: 1.4fr 1fr 1fr; }
}
@media (max-width: 520px) {
  .top nav { margin-left: 0; gap: 2px 14px; }
  .fold { display: none; }
}
`
