/** The wording of test mode on all pages of a sandbox. */
export const TEST_MODE = 'Test mode: no real money'
