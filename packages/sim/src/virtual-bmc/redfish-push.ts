import { badValue, MAKERS_REFUSALS, refusal, type Body, type Reply } from './redfish-reply.ts'
import { ROOT, type RedfishView } from './redfish-resource.ts'
import { startUpdate } from './redfish-update.ts'

/** How a maker's service takes images that are sent to it. */
export interface PushManner {
  readonly multipart: string | undefined
  readonly plain: string | undefined
  /** When a pushed image may be applied; empty: it does not say. */
  readonly times: readonly string[]
  /** Who sends an image claims the URI first. */
  readonly claimed: boolean
  /** It looks for its own address in Referer. */
  readonly referer: boolean
}

/** An image as a virtual BMC understands it: which firmware it is of, and the version in it. */
export const virtualImage = (firmware: string, version: string): Uint8Array =>
  new TextEncoder().encode(`virtual firmware ${firmware} ${version}\n`)

const IMAGE = /^virtual firmware (\S+) (\S+)\n/

export const takesPush = ({ model }: RedfishView, path: string): boolean => {
  const { push } = model.persona
  return path === push.multipart || path === push.plain
}

/** An image comes in (POST to a push URI), with or without a form around it. */
export function takePush(
  view: RedfishView,
  path: string,
  headers: Headers,
  content: Uint8Array,
): Reply {
  const { model } = view
  const { push } = model.persona
  if (headers.get('content-length') === null) {
    return refusal(411, 'Base.1.12.GeneralError', 'The length of the image must be told.')
  }
  const origin = `https://${model.identity.bmcAddress}:443`
  if (push.referer && headers.get('referer') !== origin) {
    return refusal(403, 'Base.1.12.GeneralError', 'The request does not come from this service.')
  }
  if (push.claimed && !model.pushClaimed) return MAKERS_REFUSALS.conflict
  const text = Buffer.from(content).toString('latin1')
  const form = path === push.multipart ? formOf(headers, text) : { parameters: {}, image: text }
  if (form === undefined) {
    return refusal(
      400,
      'Base.1.12.UnrecognizedRequestBody',
      'The form of the request is not known.',
    )
  }
  const [, firmware, version] = IMAGE.exec(form.image) ?? []
  if (firmware === undefined || version === undefined) return badValue('an image', 'UpdateFile')
  const targets: unknown = form.parameters['Targets']
  const target: unknown = Array.isArray(targets) ? targets[0] : undefined
  if (target !== undefined && target !== `${ROOT}/UpdateService/FirmwareInventory/${firmware}`) {
    return badValue(target, 'Targets')
  }
  if (form.parameters['@Redfish.OperationApplyTime'] === 'OnStartUpdateRequest') {
    model.laidReady = { firmware, version }
    return { status: 202, body: { Id: 'uploaded' } }
  }
  return startUpdate(view, firmware, version)
}

/** What was laid ready is begun (UpdateService.StartUpdate). */
export function startLaidReady(view: RedfishView): Reply {
  const ready = view.model.laidReady
  view.model.laidReady = undefined
  return ready === undefined
    ? MAKERS_REFUSALS.conflict
    : startUpdate(view, ready.firmware, ready.version)
}

/** A change of the update service (PATCH): the push URI is claimed or given back. */
export function patchPushClaim({ model }: RedfishView, body: Body): Reply {
  const busy = body['HttpPushUriTargetsBusy']
  if (!model.persona.push.claimed || typeof busy !== 'boolean') {
    return badValue(busy, 'HttpPushUriTargetsBusy')
  }
  if (busy && model.pushClaimed) return MAKERS_REFUSALS.conflict
  model.pushClaimed = busy
  return { status: 204 }
}

/** The two parts of a push form, as strictly as old services read it (DSP0266 §12.6.2). */
function formOf(
  headers: Headers,
  text: string,
): { readonly parameters: Body; readonly image: string } | undefined {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(headers.get('content-type') ?? '')
  const parts = text.split(`--${boundary?.[1]}`)
  const [before, first, second, after] = parts
  if (boundary === null || parts.length !== 4 || before !== '' || after !== '--\r\n') {
    return undefined
  }
  const parameters = partOf(first, /name="UpdateParameters"\r\nContent-Type: application\/json$/)
  const image = partOf(second, /name="UpdateFile"; filename="[^"]+"\r\nContent-Type: \S+$/)
  if (parameters === undefined || image === undefined) return undefined
  try {
    const value: unknown = JSON.parse(parameters)
    return typeof value === 'object' && value !== null
      ? { parameters: value as Body, image }
      : undefined
  } catch {
    return undefined
  }
}

function partOf(part: string | undefined, head: RegExp): string | undefined {
  const [headers = '', ...rest] = part?.split('\r\n\r\n') ?? []
  return head.test(headers) ? rest.join('\r\n\r\n').replace(/\r\n$/, '') : undefined
}
