import { createHash } from 'node:crypto'

/**
 * The one stylesheet. Tokens first, then the frame, then parts, then pages. A string, so that plain Node can
 * import it too. Text on its ground holds at least 4.5:1 in both schemes (axe is run on each page).
 */
export const style = /* css */ `
:root {
  color-scheme: light dark;
  --ground: #f5f7f9;
  --surface: #ffffff;
  --sunken: #eef2f5;
  --ink: #15202b;
  --quiet: #52606d;
  --line: #dde4ea;
  --accent: #0a6a8c;
  --accent-ink: #ffffff;
  --tint: #dcedf3;
  --tint-more: #c3e1ec;
  --live: #1d9d5b;
  --better: #17703f;
  --before: #8496a6;
  --good: #1f8aa8;
  --bad: #c0452f;
  --bad-ink: #a83420;
  --warn-ground: #fdf3dc;
  --warn-ink: #6b4700;
  --error-ground: #fdeae6;
  --error-ink: #8c2413;
  --done-ground: #e2f4e8;
  --done-ink: #17603a;
  --danger: #a83420;
  --danger-ink: #ffffff;
  --stage-visitor: #e8edf1;
  --stage-visitor-ink: #46535f;
  --stage-lead: #dde8f8;
  --stage-lead-ink: #27508c;
  --stage-mql: #fbe9c6;
  --stage-mql-ink: #6f4a00;
  --stage-sql: #cfeedd;
  --stage-sql-ink: #0f5c37;
  --stage-opportunity: #e8e0f8;
  --stage-opportunity-ink: #553795;
  --stage-customer: #cdeef0;
  --stage-customer-ink: #0c5a61;
  --stage-disqualified: #f3dedb;
  --stage-disqualified-ink: #83301f;
  --radius: 10px;
  --gap: 16px;
  --shadow: 0 1px 2px rgb(20 40 60 / 6%), 0 2px 8px rgb(20 40 60 / 4%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f151b;
    --surface: #171f27;
    --sunken: #1e2832;
    --ink: #e7edf2;
    --quiet: #9eacb9;
    --line: #2a3642;
    --accent: #6cc7e6;
    --accent-ink: #06222d;
    --tint: #1d3e4d;
    --tint-more: #27536a;
    --live: #4ccf8c;
    --better: #86dcab;
    --before: #66788a;
    --good: #3fa9c9;
    --bad: #e0705a;
  --bad-ink: #ff9c88;
    --warn-ground: #3a2d10;
    --warn-ink: #f3d596;
    --error-ground: #421d16;
    --error-ink: #ffc4b8;
    --done-ground: #12351f;
    --done-ink: #a9e5c1;
    --danger: #ff9c88;
  --danger-ink: #3b0f07;
  --stage-visitor: #2a3540;
    --stage-visitor-ink: #b9c5d0;
    --stage-lead: #1d3355;
    --stage-lead-ink: #b3cffa;
    --stage-mql: #43330f;
    --stage-mql-ink: #f6d58c;
    --stage-sql: #113f29;
    --stage-sql-ink: #98e3ba;
    --stage-opportunity: #362a58;
    --stage-opportunity-ink: #d3c2fb;
    --stage-customer: #0f4147;
    --stage-customer-ink: #94e2e8;
    --stage-disqualified: #4a211a;
    --stage-disqualified-ink: #f8bfb2;
    --shadow: none;
  }
}

*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, dl, dd, ol, ul, pre { margin: 0; }
ol, ul { padding: 0; list-style: none; }
h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.0625rem; line-height: 1.35; }
h3 { font-size: 0.9375rem; line-height: 1.4; }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code { font: 0.9em/1.5 ui-monospace, 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace; }
pre {
  padding: 12px 14px;
  border: 1px solid var(--line);
  border-radius: 8px;
  background: var(--sunken);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
table { width: 100%; border-collapse: collapse; }
th { font-weight: 500; text-align: left; }
thead th { color: var(--quiet); font-size: 0.8125rem; }
th, td { padding: 8px 0 8px 16px; vertical-align: baseline; }
th:first-child, td:first-child { padding-left: 0; }
/* What strangers typed may be one word of any length. */
main :is(p, li, dd, h1, h2, h3, bdi, summary) { overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.quiet { color: var(--quiet); font-size: 0.875rem; }
.nowrap { white-space: nowrap; }
.path { font-size: 0.9rem; overflow-wrap: anywhere; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; left: 12px; top: -60px; z-index: 3; padding: 8px 12px; background: var(--surface); }
.skip:focus { top: 8px; }

.width { width: 100%; max-width: 1240px; margin-inline: auto; padding-inline: 24px; }
.narrow { width: 100%; max-width: 440px; margin: 12vh auto 24px; padding-inline: 20px; }
.narrow .brand { display: flex; justify-content: center; margin-bottom: 20px; font-size: 1.125rem; }
main.width { padding-block: 28px 40px; }
.bar { border-bottom: 1px solid var(--line); background: var(--surface); }
.bar .width { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 24px; min-height: 58px; }
.brand { display: inline-flex; align-items: center; gap: 8px; color: var(--ink); font-weight: 650; text-decoration: none; }
.mark { width: 22px; height: 22px; fill: none; stroke: var(--good); stroke-width: 2.6; stroke-linecap: round; }
.bar nav, .self { display: flex; align-items: center; gap: 4px; }
.bar nav a, .self a, .plain {
  padding: 6px 10px; border-radius: 6px; color: var(--quiet); text-decoration: none; font-weight: 500;
}
.bar a[aria-current='page'] { color: var(--ink); background: var(--sunken); }
.bar nav a:hover, .self a:hover, .plain:hover { color: var(--ink); }
.self { margin-left: auto; }
.plain { border: 0; background: none; font: inherit; font-weight: 500; cursor: pointer; }
.switch { position: relative; }
.switch summary {
  padding: 5px 12px; border: 1px solid var(--line); border-radius: 8px; cursor: pointer;
  max-width: 260px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.switch ul {
  position: absolute; z-index: 2; top: calc(100% + 6px); left: 0; min-width: 100%; max-height: 60vh; overflow: auto;
  padding: 6px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface);
  box-shadow: 0 8px 28px rgb(10 25 40 / 18%);
}
.switch li a { display: block; padding: 7px 12px; border-radius: 6px; color: var(--ink); text-decoration: none; white-space: nowrap; }
.switch li a:hover, .switch li a[aria-current] { background: var(--sunken); }
footer.width { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 20px; padding-bottom: 32px; }
.banner {
  margin-bottom: 20px; padding: 10px 14px; border-radius: 8px; background: var(--warn-ground); color: var(--warn-ink);
}
.banner a { color: inherit; font-weight: 600; }

.card {
  padding: 20px; border: 1px solid var(--line); border-radius: var(--radius);
  background: var(--surface); box-shadow: var(--shadow);
}
.card > * + * { margin-top: 14px; }
.card.flush { padding: 0; overflow: hidden; }
.head { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: 12px; margin-bottom: 20px; }
.crumbs { margin-bottom: 14px; color: var(--quiet); font-size: 0.875rem; }
.stack > .card + .card { margin-top: 0; }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--gap); align-content: start; min-width: 0; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--gap); align-items: start; }
.columns + .columns { margin-top: var(--gap); }
@media (min-width: 900px) {
  .columns { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .columns.halves { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .columns.aside { grid-template-columns: minmax(0, 1fr) 340px; }
}

.pills { display: flex; gap: 2px; padding: 3px; border: 1px solid var(--line); border-radius: 9px; background: var(--surface); }
.pills a { padding: 4px 12px; border-radius: 6px; color: var(--quiet); text-decoration: none; font-size: 0.875rem; font-weight: 500; }
.pills a:hover { color: var(--ink); }
.pills a[aria-current] { background: var(--tint); color: var(--ink); }
.tabs { display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 14px; }
.tabs a { padding: 6px 12px; border-radius: 8px; color: var(--quiet); text-decoration: none; font-weight: 500; }
.tabs a:hover { color: var(--ink); background: var(--sunken); }
.tabs a[aria-current] { background: var(--tint); color: var(--ink); }
.tabs .count { margin-left: 3px; font-size: 0.8125rem; font-weight: 400; }
thead th a { color: inherit; }
button.second.button, a.button.second { font-weight: 500; }
.search { display: grid; gap: 8px; margin-bottom: 10px; }
.search .line { display: flex; gap: 8px; }
.search .grow { flex: 1; min-width: 0; }
.search input:not([type='hidden']), .bulk select, .in-line input, .in-line select {
  width: 100%; padding: 7px 11px; border: 1px solid var(--quiet); border-radius: 8px; background: var(--surface);
  color: var(--ink); font: inherit;
}
.bulk select, .in-line input, .in-line select { width: auto; max-width: 100%; }
.search .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px; padding: 12px 0 4px; }
.search label { font-size: 0.875rem; font-weight: 500; }
.search summary { width: max-content; color: var(--accent); font-size: 0.875rem; }
.views { margin-bottom: 14px; }
.note { margin-bottom: 14px; }
.next { margin-bottom: 14px; }
.card .next { margin-bottom: 0; }
.bulk { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-top: 12px; }
.bulk .button, .search .button { padding: 6px 14px; }
.bulk .pair { display: flex; gap: 8px; }
.list .tick { width: 1px; padding-right: 0; padding-left: 20px; }
.list thead th:first-child { white-space: nowrap; }
.list .tick input, .list .tick + th { vertical-align: middle; }
.list .tick input { width: 18px; height: 18px; margin: 0; accent-color: var(--accent); }
.list .tick ~ th, .list thead th:has(.unseen) + th { padding-left: 14px; }
.list .source a { display: block; max-width: 130px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.due { display: block; margin-top: 2px; color: var(--quiet); font-size: 0.8125rem; white-space: nowrap; }
.due.late { color: var(--bad-ink); font-weight: 600; }
.with-spark { display: inline-grid; grid-template-columns: 2.4em auto; align-items: center; gap: 10px; }
.spark { fill: none; stroke: var(--good); stroke-width: 1.5; stroke-linejoin: round; }
.grade { display: inline-block; min-width: 1.6em; border-radius: 5px; background: var(--sunken); font-weight: 650; text-align: center; }
.grade-a { background: var(--stage-sql); color: var(--stage-sql-ink); }
.grade-b { background: var(--tint); }
.grade-d { background: var(--stage-disqualified); color: var(--stage-disqualified-ink); }
.only-script { margin-top: 12px; }
@media (scripting: none), (pointer: coarse), (max-width: 720px) { .only-script { display: none; } }
.chips { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin-bottom: 14px; }
.chip { padding: 3px 6px 3px 12px; border-radius: 99px; background: var(--tint); font-size: 0.875rem; overflow-wrap: anywhere; }
.chip a { display: inline-block; min-width: 24px; border-radius: 99px; color: var(--ink); text-align: center; text-decoration: none; }
.chip a:hover { background: var(--surface); }
.languages { display: flex; margin-left: auto; }
.bare .languages { justify-content: center; padding-bottom: 32px; }
.pager { display: flex; gap: 20px; justify-content: flex-end; margin-top: 16px; }

.badge { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 0.8125rem; font-weight: 600; white-space: nowrap; }
.stage-visitor { background: var(--stage-visitor); color: var(--stage-visitor-ink); }
.stage-lead { background: var(--stage-lead); color: var(--stage-lead-ink); }
.stage-mql { background: var(--stage-mql); color: var(--stage-mql-ink); }
.stage-sql { background: var(--stage-sql); color: var(--stage-sql-ink); }
.stage-opportunity { background: var(--stage-opportunity); color: var(--stage-opportunity-ink); }
.stage-customer { background: var(--stage-customer); color: var(--stage-customer-ink); }
.stage-disqualified { background: var(--stage-disqualified); color: var(--stage-disqualified-ink); }

.share { display: block; width: 100%; height: 6px; border-radius: 3px; }
.share .track { fill: var(--sunken); }
.share .fill { fill: var(--good); }
.share.bad .fill { fill: var(--bad); }
.share.tint .track { fill: transparent; }
.share.tint .fill { fill: var(--tint); }
.engagement { display: inline-grid; grid-template-columns: 2.6em minmax(40px, 90px); align-items: center; gap: 10px; }
.trend { white-space: nowrap; }

.button {
  display: inline-block; padding: 8px 18px; border: 0; border-radius: 8px; background: var(--accent);
  color: var(--accent-ink); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
.button:hover { filter: brightness(1.08); }
.form { display: grid; gap: 6px; }
/* A line that is wider than what is typed into it is hard to read. */
.card > .form:not(.new), .form.narrow-form { max-width: 620px; }
.form label { font-weight: 500; }
.form label:not(:first-of-type) { margin-top: 8px; }
.form input:not([type='hidden']) {
  width: 100%; padding: 9px 12px; border: 1px solid var(--quiet); border-radius: 8px;
  background: var(--surface); color: var(--ink); font: inherit;
}
.form select, .form textarea {
  padding: 8px 10px; border: 1px solid var(--quiet); border-radius: 8px; background: var(--surface); color: inherit; font: inherit;
  max-width: 100%;
}
.form label > input, .form label > select, .form label > textarea { display: block; width: 100%; margin-top: 4px; }
.sales .form + .form, .sales details .form { margin-top: 14px; padding-top: 14px; border-top: 1px solid var(--line); }
.button.second { background: var(--sunken); color: var(--ink); border: 1px solid var(--line); }
.form .button { justify-self: start; margin-top: 12px; }
.error, .done { padding: 9px 13px; border-radius: 8px; }
.error { background: var(--error-ground); color: var(--error-ink); }
.done { background: var(--done-ground); color: var(--done-ink); }
.message { max-width: 560px; margin-inline: auto; }

.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 1px; margin-bottom: var(--gap);
  overflow: hidden; border: 1px solid var(--line); border-radius: var(--radius);
  background: var(--surface); box-shadow: var(--shadow);
}
.tile { padding: 16px 18px; box-shadow: 0 0 0 1px var(--line); }
.tile dt { color: var(--quiet); font-size: 0.875rem; }
.tile dd { display: grid; }
.big { font-size: 1.5rem; font-weight: 650; line-height: 1.35; letter-spacing: -0.015em; white-space: nowrap; }
.funnel { display: grid; grid-template-columns: repeat(7, 1fr); gap: 8px; }
.step {
  display: grid; gap: 4px; justify-items: start; height: 100%; padding: 10px 12px; border: 1px solid var(--line);
  border-radius: 8px; color: var(--ink); text-decoration: none;
}
a.step:hover { border-color: var(--accent); background: var(--sunken); }
.step .count { font-size: 1.25rem; font-weight: 650; line-height: 1.3; }
.columns + .card, .card + .columns, .card + .card, .card + .tiles, .lead-head + .columns { margin-top: var(--gap); }
.bars td { padding-block: 5px; }
.bars .under { position: relative; padding: 6px 10px; width: 100%; }
.under .share { position: absolute; inset: 2px 0; width: 100%; height: calc(100% - 4px); border-radius: 5px; }
.under .path { position: relative; color: var(--ink); }
.ways th, .ways td { padding-block: 6px; }
.ways tbody th { width: 100%; font-weight: 400; overflow-wrap: anywhere; }
.ways thead th, .bars thead th { white-space: nowrap; }
.columns + .columns, .tiles + .columns { margin-top: var(--gap); }
.people li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 12px; padding: 9px 0; border-top: 1px solid var(--line); }
.people li:first-child { border-top: 0; padding-top: 0; }
.people a { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.people .quiet { grid-column: 1 / -1; overflow-wrap: anywhere; }
.steps { display: grid; gap: 20px; counter-reset: step; }
.steps li { position: relative; padding-left: 40px; counter-increment: step; }
.steps li::before {
  content: counter(step); position: absolute; left: 0; top: 0; width: 26px; height: 26px; border-radius: 50%;
  background: var(--tint); font-weight: 650; font-size: 0.875rem; line-height: 26px; text-align: center;
}
.steps p { color: var(--quiet); }
.steps pre { margin-top: 8px; }
.empty { padding: 28px 20px; }
.empty > * + * { margin-top: 10px; }

.list th, .list td { padding: 10px 14px 10px 0; border-top: 1px solid var(--line); vertical-align: middle; }
.list thead th { border-top: 0; background: var(--sunken); padding-block: 8px; white-space: nowrap; }
.list th:first-child { padding-left: 20px; }
.list tbody th { width: 40%; min-width: 160px; }
.list tbody th a { font-weight: 600; overflow-wrap: anywhere; }
.list tbody th .quiet { display: block; font-weight: 400; overflow-wrap: anywhere; }
.list tbody th .only-narrow { display: none; }
.rest { padding: 12px 20px; border-top: 1px solid var(--line); }
.card > table + .rest { margin-top: 0; }
.list tbody tr:hover { background: var(--sunken); }

.lead-head { display: grid; gap: 24px; }
.lead-head > * + * { margin-top: 0; }
@media (min-width: 900px) { .lead-head { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
.who > * + * { margin-top: 8px; }
.who p { overflow-wrap: anywhere; }
.doubt { padding: 9px 13px; border-radius: 8px; background: var(--warn-ground); color: var(--warn-ink); font-size: 0.9rem; }
.next { padding: 10px 14px; border-left: 3px solid var(--good); border-radius: 0 8px 8px 0; background: var(--sunken); }
.next strong { display: block; font-size: 0.8125rem; color: var(--quiet); }
.scores { display: grid; gap: 18px; align-content: start; }
.score h2 { display: flex; align-items: baseline; justify-content: space-between; }
.score > * + * { margin-top: 6px; }
.gauge { display: block; overflow: visible; }
.gauge .track { fill: var(--sunken); stroke: var(--line); }
.gauge .fill { fill: var(--good); }
.gauge text { fill: var(--quiet); font-size: 12px; }
.mark-line { stroke: var(--ink); stroke-width: 2; }
.editor { display: grid; grid-template-columns: minmax(0, 1fr); margin-top: 8px; border: 1px solid var(--quiet); border-radius: 8px; overflow: hidden; background: var(--surface); }
.editor.numbered { grid-template-columns: auto minmax(0, 1fr); }
.editor textarea, .editor .gutter {
  height: min(70vh, 720px); margin: 0; padding: 10px 12px; border: 0; border-radius: 0;
  font: 13px/1.5 ui-monospace, 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace; tab-size: 2; white-space: pre;
}
.editor textarea { width: 100%; resize: none; overflow: auto; background: transparent; color: var(--ink); }
.editor textarea:focus-visible { outline-offset: -2px; }
.editor .gutter { overflow: hidden; background: var(--sunken); color: var(--quiet); text-align: right; user-select: none; }
.send { display: flex; flex-wrap: wrap; align-items: end; gap: 10px 14px; }
.editor + .send { margin-top: 14px; }
.send label { font-size: 0.875rem; font-weight: 500; }
.send input, .send select, .numbers td input {
  display: block; width: 160px; max-width: 100%; padding: 6px 10px; border: 1px solid var(--quiet); border-radius: 8px;
  background: var(--surface); color: var(--ink); font: inherit;
}
.numbers td { width: 1px; }
.numbers td input { width: 92px; text-align: right; }
.scroll { overflow-x: auto; }
.columns > .card + .card { margin-top: 0; }
.columns.halves > * { min-width: 0; }
.send select { width: auto; }
.copy { margin-top: 8px; padding: 5px 14px; }
.rows th, .rows td { padding-block: 8px; border-top: 1px solid var(--line); vertical-align: middle; }
.rows thead th { border-top: 0; white-space: nowrap; }
.rows tbody th { overflow-wrap: anywhere; }
.why { display: block; }
.rows .in-line { flex-wrap: nowrap; }
.acts, .kinds { display: flex; flex-wrap: wrap; gap: 6px; }
.acts { justify-content: flex-start; }
td .acts { justify-content: flex-end; flex-wrap: nowrap; }
.small { padding: 4px 12px; font-size: 0.875rem; }
.chip-button { border: 1px solid var(--line); padding: 3px 10px; font-size: 0.875rem; color: var(--accent); }
.chip-button:hover { background: var(--tint); }
.new { margin-top: 18px; padding-top: 16px; border-top: 1px solid var(--line); }
.new fieldset { margin: 6px 0 0; padding: 0; border: 0; gap: 6px 18px; }
.form .tick-label, .form .tick-label:not(:first-of-type) { display: flex; align-items: baseline; gap: 6px; margin: 0; font-weight: 400; }
.new legend { padding: 0; font-weight: 500; }
.form .tick-label input { width: auto; margin: 0; accent-color: var(--accent); }
fieldset.pieces { display: grid; gap: 4px; margin: 10px 0 0; padding: 0; border: 0; }
.pieces legend { padding: 0; font-weight: 500; }
.new .in-line > select { flex: none; }
.curve { display: block; overflow: visible; }
.curve text { fill: var(--quiet); font-size: 12px; }
.curve text.strong { fill: var(--ink); font-weight: 600; }
.curve .area { fill: var(--tint); }
.curve .path-line { fill: none; stroke: var(--good); stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.curve .threshold { stroke: var(--quiet); stroke-dasharray: 3 4; }
.curve .level { paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
.curve .axis { stroke: var(--line); }
.curve .move { stroke: var(--line); }
.curve .dot { fill: var(--surface); stroke: var(--good); stroke-width: 2; }
.button.danger { background: var(--danger); color: var(--danger-ink); }
.in-line { display: flex; flex-wrap: wrap; gap: 8px; }
.in-line > input:not([type='checkbox']) { flex: 1 1 180px; min-width: 0; }
.in-line > input[type='date'] { flex: 0 1 170px; }
.in-line .button { padding: 6px 14px; }
.lines td a { color: inherit; text-decoration-color: var(--line); }
.group > * + * { margin-top: 6px; }
.group h3 { display: flex; justify-content: space-between; gap: 12px; }
.group + .group { padding-top: 4px; }
.lines td { padding-block: 3px; }
.lines td:first-child { width: 100%; overflow-wrap: anywhere; }
details summary { cursor: pointer; }
.group details summary { color: var(--accent); font-size: 0.875rem; }
.sum { display: flex; justify-content: space-between; padding-top: 12px; border-top: 2px solid var(--line); }
.moves { display: grid; gap: 14px; }
.moves li { padding-left: 14px; border-left: 2px solid var(--line); }
.moves p { overflow-wrap: anywhere; }
.pairs > div { display: grid; grid-template-columns: minmax(0, 9fr) minmax(0, 11fr); gap: 12px; padding: 6px 0; border-top: 1px solid var(--line); }
.pairs > div:first-child { border-top: 0; padding-top: 0; }
.pairs dt { color: var(--quiet); font-size: 0.875rem; overflow-wrap: anywhere; }
.pairs dd { overflow-wrap: anywhere; min-width: 0; }
.day + .day { margin-top: 20px; }
.day h3 { padding-bottom: 6px; border-bottom: 1px solid var(--line); }
.item { display: grid; grid-template-columns: 3.2em 5.4em minmax(0, 1fr); gap: 10px; padding: 7px 0; align-items: baseline; }
.item .kind { color: var(--quiet); font-size: 0.8125rem; }
.item .what { overflow-wrap: anywhere; }
.item .what > .path, .item .what > .quiet { display: block; }
.item.is-visit { margin-top: 4px; padding-inline: 10px; margin-inline: -10px; border-radius: 6px; background: var(--sunken); }
.item.is-visit .what, .item.is-signal .what > :first-child, .item.is-transition .what > :first-child { font-weight: 600; }
.item.is-visit .what .quiet { font-weight: 400; }
.item.is-transition { padding-inline: 10px; margin-inline: -10px; border-radius: 6px; background: var(--tint); }
.item.is-transition .quiet, .item.is-transition .kind { color: var(--ink); }

/* Reports. */
.so-far { color: var(--quiet); border-bottom: 2px dotted var(--before); }
/* The overview. */
.live { display: inline-flex; align-items: center; gap: 6px; margin-top: 2px; color: var(--quiet); font-size: 0.9375rem; }
.live [data-live-now] { color: var(--ink); font-weight: 600; }
.dot { width: 9px; height: 9px; border-radius: 50%; background: var(--live); }
.live.is-quiet .dot { background: var(--quiet); }
.live-events li { padding-block: 4px; font-size: 0.875rem; overflow-wrap: anywhere; }
.live-events time { color: var(--quiet); }
.span { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; gap: 8px 14px; }
.picker { position: relative; }
.picker summary {
  padding: 6px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); font-weight: 500;
  cursor: pointer; list-style: none;
}
.picker summary::after { content: ' ▾'; color: var(--quiet); }
.picker summary::-webkit-details-marker { display: none; }
.menu {
  position: absolute; z-index: 2; top: calc(100% + 6px); right: 0; width: 260px; padding: 6px; border: 1px solid var(--line);
  border-radius: var(--radius); background: var(--surface); box-shadow: 0 8px 28px rgb(10 25 40 / 18%);
}
.menu a { display: flex; justify-content: space-between; padding: 6px 10px; border-radius: 6px; color: var(--ink); text-decoration: none; }
.menu a:hover, .menu a[aria-current] { background: var(--sunken); }
.menu kbd { color: var(--quiet); font: inherit; font-size: 0.8125rem; }
.menu > * + * { margin-top: 6px; padding-top: 6px; border-top: 1px solid var(--line); }
.days { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 8px; padding-inline: 10px; padding-bottom: 6px; }
.days label { color: var(--quiet); font-size: 0.8125rem; min-width: 0; }
.days input { width: 100%; padding: 4px 6px; border: 1px solid var(--quiet); border-radius: 6px; background: var(--surface); color: var(--ink); font: inherit; font-size: 0.875rem; }
.days .button { grid-column: 1 / -1; padding: 5px 12px; }
.card.over-time { padding: 0; }
.over-time > * { margin-inline: 20px; }
.over-time > .tiles { margin: 0; border: 0; border-bottom: 1px solid var(--line); border-radius: var(--radius) var(--radius) 0 0; box-shadow: none; }
.over-time > :last-child { margin-bottom: 16px; }
.figures { grid-template-columns: repeat(7, minmax(0, 1fr)); }
.figures .tile { position: relative; padding: 14px 16px; }
.figures dt { font-size: 0.8125rem; }
.figures dt a { color: inherit; text-decoration: none; }
.figures dt a::after { content: ''; position: absolute; inset: 0; }
.figures dt a:hover { color: var(--accent); }
.figures .is-shown { box-shadow: 0 0 0 1px var(--line), inset 0 -3px var(--accent); }
.figures .is-shown dt { color: var(--accent); font-weight: 600; }
.figures .big { font-size: 1.375rem; }
.figures .quiet { font-size: 0.8125rem; }
.change { font-size: 0.8125rem; font-weight: 600; }
.change.better { color: var(--better); }
.change.worse { color: var(--bad-ink); }
.change.same { color: var(--quiet); }
.chart { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 10px; margin-block: 22px 4px; }
.chart-y { display: flex; flex-direction: column; justify-content: space-between; height: 244px; margin-block: -12px 0; color: var(--quiet); font-size: 0.75rem; line-height: 24px; text-align: right; white-space: nowrap; }
.chart-plot { position: relative; min-width: 0; }
.chart-lines { display: block; width: 100%; height: 220px; overflow: visible; }
.chart-lines * { vector-effect: non-scaling-stroke; fill: none; stroke-linejoin: round; stroke-linecap: round; }
.chart-lines .grid { stroke: var(--line); }
.chart-lines .area { fill: var(--tint); opacity: 0.55; }
.chart-lines .line { stroke: var(--good); stroke-width: 2.25; }
.chart-lines .open { stroke-dasharray: 1 5; }
.chart-lines .before { stroke: var(--before); stroke-width: 1.5; stroke-dasharray: 5 5; }
.chart-x { display: block; width: 100%; height: 24px; overflow: visible; }
.chart-x text { fill: var(--quiet); font-size: 12px; text-anchor: middle; }
.chart-x .first { text-anchor: start; }
.chart-rule { position: absolute; top: 0; width: 1px; height: 220px; background: var(--quiet); pointer-events: none; }
.chart-tip {
  position: absolute; z-index: 1; top: 8px; display: grid; padding: 8px 12px; border-radius: 8px; background: var(--ink); color: var(--surface);
  font-size: 0.8125rem; white-space: nowrap; pointer-events: none;
}
.chart-tip[hidden], .chart-rule[hidden], .live-events[hidden] { display: none; }
.as-table summary { width: max-content; color: var(--quiet); font-size: 0.8125rem; }
.as-table table { margin-top: 8px; font-size: 0.875rem; }
.columns.lists { align-items: stretch; }
.columns.lists > .card + .card { margin-top: 0; }
.columns + .lists { margin-top: var(--gap); }
.columns.beside { grid-template-columns: minmax(0, 1fr); }
@media (min-width: 640px) { .beside > .stack + .stack { grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); } }
@media (min-width: 1180px) {
  .columns.beside { grid-template-columns: minmax(0, 1fr) 330px; }
  .beside > .stack + .stack { grid-template-columns: minmax(0, 1fr); }
}
.tabbed > * + * { margin-top: 0; }
.tabbed > label {
  display: inline-block; margin: 0 14px 12px 0; padding-block: 2px; border-bottom: 2px solid transparent; color: var(--quiet); font-weight: 600; cursor: pointer;
}
.tabbed > label:hover { color: var(--ink); }
.tabbed > input:checked + label { border-color: var(--accent); color: var(--ink); }
.tabbed > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.tabbed > .panel { display: none; }
.tabbed > input:nth-of-type(1):checked ~ .panel:nth-of-type(1), .tabbed > input:nth-of-type(2):checked ~ .panel:nth-of-type(2),
.tabbed > input:nth-of-type(3):checked ~ .panel:nth-of-type(3), .tabbed > input:nth-of-type(4):checked ~ .panel:nth-of-type(4) { display: block; }
.bars a.path { color: var(--ink); text-decoration: none; }
.bars a.path::after { content: ''; position: absolute; inset: 0; }
.bars a.path:hover { text-decoration: underline; }
/* Two lines tell which it is; the whole of it is its title, and stands in the chip once it is chosen. */
.bars .under .path { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.bars tr:hover .share.tint .fill { fill: var(--tint-more); }

@media (max-width: 900px) {
  .figures { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .figures .tile:last-child { grid-column: span 2; }
}
@media (min-width: 721px) { .kinds { flex-wrap: nowrap; } }
@media (max-width: 1000px) {
  .funnel { grid-template-columns: repeat(4, 1fr); }
  .funnel li:last-child { grid-column: span 2; }
}
@media (max-width: 1100px) {
  .bar .width { column-gap: 12px; }
  .bar nav { gap: 0; }
  .bar nav a, .self a, .self .plain { padding-inline: 8px; }
  .switch summary { max-width: 170px; }
  .ways thead th { white-space: normal; }
  .roomy { display: none; }
}
@media (max-width: 720px) {
  .width { padding-inline: 14px; }
  main.width { padding-block: 18px 28px; }
  .bar .width { gap: 4px 6px; padding-block: 8px 4px; }
  .self a, .plain { padding-inline: 8px; }
  /* In one line, whatever the language: what has no room is reached by a swipe. */
  .bar nav { gap: 0; width: calc(100% + 10px); margin-inline: -5px; overflow-x: auto; scrollbar-width: none; }
  .bar nav a { padding-inline: 5px; font-size: 0.8125rem; white-space: nowrap; }
  .rows .in-line { flex-wrap: wrap; }
  .rows .nowrap { white-space: normal; }
  .rows td { padding-left: 10px; }
  .rows select { max-width: 130px; }
  /* Two rows: name, site and account, then where to go. */
  .self { order: 1; gap: 0; }
  .bar nav { order: 2; }
  /* What name and account leave. */
  .switch { min-width: 0; flex: 0 1 auto; max-width: calc(100% - 284px); }
  .switch summary { padding-inline: 8px; font-size: 0.875rem; }
  .switch summary .quiet { display: none; }
  .self a, .self .plain { font-size: 0.875rem; }
  .card { padding: 16px 14px; }
  .card.flush { padding: 0; }
  .wide { display: none; }
  .list tbody th { width: 64%; min-width: 0; }
  .list tbody th .only-narrow { display: block; }
  .list tbody th .badge.only-narrow { display: inline-block; margin-left: 8px; }
  .funnel { grid-template-columns: repeat(2, 1fr); }
  .span { justify-content: flex-start; }
  .menu { right: auto; left: 0; }
  .over-time > * { margin-inline: 14px; }
  .chart-x text:nth-child(even) { display: none; }
  .ways th, .ways td { padding-left: 10px; }
  .tiles, .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .list th, .list td { padding-right: 12px; }
  .list th:first-child { padding-left: 14px; }
  .rest { padding-inline: 14px; }
  .list .engagement { grid-template-columns: 2.6em; }
  .list .engagement .share { display: none; }
  .with-spark { grid-template-columns: 2.4em; }
  .with-spark .spark { display: none; }
  .list .tick { padding-left: 14px; }
  .list .tick ~ th, .list thead th:has(.unseen) + th { padding-left: 10px; }
  .item { grid-template-columns: 3em minmax(0, 1fr); gap: 2px 10px; }
  .item .kind { display: none; }
  td .acts { flex-direction: column; }
}
@media (prefers-reduced-motion: no-preference) { a, .button, .step { transition: background-color 0.12s, color 0.12s; } }
@media print {
  .bar, .pager, .skip, .banner, .pills, .picker, .as-table, .crumbs, .sales form, .sales details, .no-print, form, footer { display: none; }
  .tabbed > .panel { display: block; }
  body { background: #fff; }
  .card { border: 0; padding: 0; box-shadow: none; break-inside: avoid-page; }
}
`

const hash = createHash('sha256').update(style).digest('base64url').slice(0, 12)
export const STYLE_TAG = `"${hash}"`
/** Another stylesheet has another address. */
export const STYLE_PATH = `/assets/style.css?v=${hash}`
