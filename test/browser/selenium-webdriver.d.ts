/** The few names of selenium-webdriver that are used; its own types are another package. */
declare module 'selenium-webdriver' {
  type Locator = { using: string; value: string }
  export class Capabilities {
    constructor(wanted: Record<string, unknown>)
    get(name: string): unknown
  }
  export const By: {
    css(selector: string): Locator
  }
  export interface WebDriver {
    get(url: string): Promise<void>
    quit(): Promise<void>
    /** Closes the current window. */
    close(): Promise<void>
    getCapabilities(): Promise<Capabilities>
    getWindowHandle(): Promise<string>
    getAllWindowHandles(): Promise<string[]>
    executeScript<T>(script: string): Promise<T>
    findElement(by: Locator): { click(): Promise<void> }
    switchTo(): { window(handle: string): Promise<void>; newWindow(kind: 'tab' | 'window'): Promise<void> }
    manage(): { window(): { minimize(): Promise<unknown>; maximize(): Promise<unknown> } }
  }
  export class Builder {
    usingServer(url: string): this
    withCapabilities(capabilities: Capabilities): this
    build(): Promise<WebDriver>
  }
}
