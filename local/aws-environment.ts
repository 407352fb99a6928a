/**
 * What the AWS SDK reads from the environment. With the embedded engine no real key is ever used, whatever the shell holds; an
 * engine given from outside may want its own.
 */
export const prepareAwsEnvironment = (env: NodeJS.ProcessEnv, embedded: boolean): void => {
  if (embedded) {
    for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
      delete env[name];
  }
  if (!env['AWS_PROFILE']) {
    env['AWS_ACCESS_KEY_ID'] ??= 'local';
    env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
  }
  env['AWS_REGION'] ??= 'us-east-1';
  // Node 20 is what package.json promises; the functions run on a newer one.
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
};
