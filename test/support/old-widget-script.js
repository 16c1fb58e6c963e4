/**
 * Imitates the observed behavior of the real service's browser script, and nothing more. It has one frame for all
 * payments, and posts messages to any origin. It sends `open` at once, and again each time the frame reports that it
 * has loaded. It accepts answers from every window with the frame's origin.
 */
;(() => {
  const base = new URL(document.currentScript.src).searchParams.get('base')

  window.OldZPayments = class {
    constructor({ account_id: accountId, otherOptions }) {
      const origin = encodeURIComponent(location.origin)
      this.apiKey = otherOptions.api_key
      this.handlers = {}
      this.said = []
      const wrapper = document.createElement('div')
      wrapper.id = 'zpay-wrapper'
      document.body.prepend(wrapper)
      this.frame = document.createElement('iframe')
      this.frame.title = 'Checkout'
      this.frame.hidden = true
      this.frame.width = 480
      this.frame.height = 700
      this.frame.src = `${base}/charge/${accountId}?frameorigin=${origin}&host=${origin}`
      wrapper.append(this.frame)
      addEventListener('message', ({ data, origin: from }) => {
        if (from !== new URL(this.frame.src).origin) return
        this.said.push(data.action)
        this.handlers[data.action]?.(data.payload)
      })
    }

    requestPaymentMethod(options) {
      const open = () =>
        this.frame.contentWindow.postMessage(
          { action: 'open', payload: { ...options, zApiKey: this.apiKey, trackerInfo: {} } },
          '*',
        )
      this.frame.hidden = false
      open()
      return new Promise((resolve, reject) => {
        this.handlers.widget_booted = open
        this.handlers.charge = (payload) => {
          resolve(payload)
          this.close()
        }
        this.handlers['charge:validationerror'] = reject
        this.handlers['charge:threedserror'] = reject
        this.handlers.close = () => {
          this.close()
          reject({ code: 'widget_closed', message: 'Checkout widget closed by user' })
        }
      })
    }

    close() {
      this.frame.hidden = true
      this.frame.contentWindow.postMessage({ action: 'close' }, '*')
    }
  }
})()
