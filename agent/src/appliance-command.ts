/** What a person types on the appliance (`packaging/brickyard-agent`); messages name it. */
export const APPLIANCE_COMMAND = 'brickyard-agent'
