/** The only secret key the stand-in takes. Not secret: it opens nothing but this machine's stand-in. */
export const LOCAL_STRIPE_KEY = 'sk_test_local';

/** What every delivery is signed with. */
export const LOCAL_WEBHOOK_SECRET = 'whsec_local';

/** The API version that the SDK pins, and the only one the stand-in answers as. */
export const STRIPE_API_VERSION = '2026-10-28.endive';
