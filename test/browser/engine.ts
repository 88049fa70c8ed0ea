/** What the cases need of a browser, whoever drives it. One file per engine carries it out. */
export interface Engine {
  name: 'Chromium' | 'Firefox' | 'WebKitGTK'
  /** Whether pages come back out of the bfcache. */
  bfcache: boolean
  /** One sentence with what to install, or undefined when all is there. */
  missing(): string | undefined
  /** Starts the browser with a profile and a folder for temporary files of its own. */
  launch(): Promise<Visitor>
}

/** Somebody with a browser. */
export interface Visitor {
  version: string
  /** Opens a page in a new tab, in front and with the focus; resolves when the page is loaded. */
  open(url: string): Promise<Tab>
  /** Ends all of the browser at once, as a power cut does: no event reaches a page. */
  kill(): Promise<void>
  /** Closes the browser and removes its files; also after `kill`. */
  quit(): Promise<void>
}

export interface Tab {
  /** Value of an expression in the page, which JSON can carry. */
  run<T>(expression: string): Promise<T>
  /** Clicks with the mouse. Does not wait for what the click leads to. */
  click(selector: string): Promise<void>
  /** What the browser's own buttons do. Resolve when the browser is on its way; the page may not be there yet. */
  reload(): Promise<void>
  back(): Promise<void>
  forward(): Promise<void>
  /** Closes it as a person does, so that the page is told. */
  close(): Promise<void>
  /** Puts something over the page so that it is hidden, and takes it away again. */
  hide(): Promise<void>
  show(): Promise<void>
  /** Gives the focus to another window beside the page, and takes it back; missing where no other can have it. */
  blur?(): Promise<void>
  focus?(): Promise<void>
  /** Cuts the network; missing where the driver cannot. */
  offline?(off: boolean): Promise<void>
  /** Ends the page's process; no event reaches it. Missing where the browser does not outlive that. */
  kill?(): Promise<void>
}
