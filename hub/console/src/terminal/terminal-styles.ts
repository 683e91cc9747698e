/**
 * The page's policy (`default-src 'self'`) lets nothing stand inline, and xterm writes style elements
 * and style attributes through the page's own `document`. While a terminal is open, what it makes
 * there goes by ways that the policy allows: constructed style sheets and the CSSOM. The answer ends it.
 */
export function allowTerminalStyles(): () => void {
  const sheets: CSSStyleSheet[] = []
  const createElement = document.createElement.bind(document)

  /** Stands in the page for a style element, and is none. */
  function standIn(): HTMLElement {
    const sheet = new CSSStyleSheet()
    sheets.push(sheet)
    document.adoptedStyleSheets.push(sheet)
    return Object.defineProperty(createElement('template'), 'textContent', {
      set(css: string) {
        sheet.replaceSync(css)
      },
    })
  }

  /** Colours beyond the palette are set as an attribute. */
  function withStyleAttribute(element: HTMLElement): HTMLElement {
    return Object.defineProperty(element, 'setAttribute', {
      value(name: string, value: string) {
        if (name === 'style') element.style.cssText = value
        else Element.prototype.setAttribute.call(element, name, value)
      },
    })
  }

  Object.defineProperty(document, 'createElement', {
    configurable: true,
    value(tag: string, options?: ElementCreationOptions) {
      if (tag === 'style') return standIn()
      const element = createElement(tag, options)
      return tag === 'span' ? withStyleAttribute(element) : element
    },
  })
  return () => {
    Reflect.deleteProperty(document, 'createElement')
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(
      (sheet) => !sheets.includes(sheet),
    )
  }
}
