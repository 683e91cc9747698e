import { z } from '@hono/zod-openapi'

/** RFC 9457 problem document: what every refusal of the API looks like. */
export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    /** Stable word for programs, e.g. `image-too-big`. */
    code: z.string(),
    detail: z.string(),
    requestId: z.string(),
    causes: z.array(z.object({ field: z.string(), value: z.string(), expected: z.string() })),
  })
  .openapi('Problem')
export type ApiProblem = z.infer<typeof ProblemSchema>
