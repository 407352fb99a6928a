import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Stage, TokenIssuer } from './stage.ts';
import { SUPPORT_GROUP, SupportGate } from './support-gate.ts';

/**
 * The stack's own issuer, where no OIDC issuer is given. People sign up and in by email; their `sub` is their account id. Cognito gives a
 * scope to a client, so who may have `credits/support` is decided by the group `support` (see `SupportGate`).
 */
export class UserPool extends Construct implements TokenIssuer {
  readonly issuer: string;
  /** Cognito's access tokens have no `aud`; API Gateway then compares their `client_id`. */
  readonly audience: readonly string[];
  readonly userPoolId: string;
  /** Where the agents' clients get their tokens (`/oauth2/token`), and people sign in (`/oauth2/authorize`). */
  readonly signInUrl: string;
  readonly clientIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);

    const pool = new cognito.UserPool(this, 'Pool', {
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      // The least plan whose access tokens a trigger may change.
      featurePlan: cognito.FeaturePlan.ESSENTIALS,
      // Kept on every stage, as the table is: without their subs its accounts belong to nobody.
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason:
          'Anyone may sign up, and may turn on an authenticator app; money moves on Stripe’s pages, behind Stripe’s own checks',
      },
      {
        id: 'AwsSolutions-COG8',
        reason:
          'Plus is paid for by each person each month; whoever wants its threat protection names it here, or brings an issuer of their own',
      },
    );
    // The account in it: a prefix is taken once per region, over all of AWS.
    const domain = pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `credits-${stage.name}-${Aws.ACCOUNT_ID}` },
    });
    pool.addGroup('Support', { groupName: SUPPORT_GROUP, description: 'May have the scope credits/support' });
    new SupportGate(this, 'SupportGate', pool, stage);

    const scopes = {
      user: new cognito.ResourceServerScope({ scopeName: 'user', scopeDescription: 'Own account' }),
      agent: new cognito.ResourceServerScope({ scopeName: 'agent', scopeDescription: 'Act for an account' }),
      support: new cognito.ResourceServerScope({ scopeName: 'support', scopeDescription: 'Help any account' }),
    };
    const api = pool.addResourceServer('Api', { identifier: 'credits', scopes: Object.values(scopes) });

    const client = (name: string, allows: keyof typeof scopes, flow: Partial<cognito.UserPoolClientOptions>) =>
      pool.addClient(`${name}Client`, {
        // Refresh only: people sign in at the sign-in pages, not by Cognito's own calls.
        authFlows: { user: false },
        preventUserExistenceErrors: true,
        enableTokenRevocation: true,
        accessTokenValidity: Duration.hours(1),
        supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
        ...flow,
        oAuth: { ...flow.oAuth, scopes: [cognito.OAuthScope.resourceServer(api, scopes[allows])] },
      });
    // A browser keeps no secret; the PKCE challenge it sends along binds the code to it.
    const inBrowser = {
      generateSecret: false,
      refreshTokenValidity: Duration.days(30),
      oAuth: {
        flows: { authorizationCodeGrant: true },
        callbackUrls: stage.origins.map((origin) => `${origin}/signed-in`),
        logoutUrls: [...stage.origins],
      },
    };
    const agent = client('Agent', 'agent', { generateSecret: true, oAuth: { flows: { clientCredentials: true } } });
    const people =
      stage.origins.length > 0
        ? { FrontEnd: client('FrontEnd', 'user', inBrowser), Support: client('Support', 'support', inBrowser) }
        : {};

    this.clientIds = Object.fromEntries(
      Object.entries({ Agent: agent, ...people }).map(([name, { userPoolClientId }]) => [name, userPoolClientId]),
    );
    this.audience = Object.values(this.clientIds);
    this.issuer = pool.userPoolProviderUrl;
    this.userPoolId = pool.userPoolId;
    this.signInUrl = domain.baseUrl();
  }
}
