/** An error whose message tells the user all that is needed: command lines print the message without a stack. */
export class UserError extends Error {}
