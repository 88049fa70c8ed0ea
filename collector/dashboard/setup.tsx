/** What to do when nothing has come in yet: the tag for the pages, the call for the form handler. */

export function ScriptTag({ origin, site }: { origin: string; site: string }) {
  return (
    <pre>
      <code>{`<script defer src="${origin}/l.js?s=${encodeURIComponent(site)}"></script>`}</code>
    </pre>
  )
}

export function IdentifyCall({ origin, site }: { origin: string; site: string }) {
  const body = `{"site": "${site}", "visitor": "from the hidden field leadwake_visitor", "email": "ada@example.com"}`
  return (
    <pre>
      <code>
        {`curl ${origin}/v1/identify \\
  -H 'Authorization: Bearer lw_YOUR_KEY' \\
  -H 'Content-Type: application/json' \\
  -d '${body}'`}
      </code>
    </pre>
  )
}

export function SetUp({ origin, site }: { origin: string; site: string }) {
  return (
    <ol class="steps">
      <li>
        <h3>Paste this tag into every page</h3>
        <p>Anywhere in the head. It records visits, pages, engaged time, downloads and cart adds.</p>
        <ScriptTag origin={origin} site={site} />
      </li>
      <li>
        <h3>Tell us who filled in a form</h3>
        <p>
          Where your server handles a form, pass the visitor id and the e-mail on. What that visitor did
          before becomes the lead's history.
        </p>
        <IdentifyCall origin={origin} site={site} />
      </li>
      <li>
        <h3>Open a page of the site</h3>
        <p>Then reload this one: the visit is here within a second.</p>
      </li>
    </ol>
  )
}
