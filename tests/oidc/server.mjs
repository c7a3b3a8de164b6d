// A real OpenID Connect provider on loopback. Its first line of input configures it; it prints `ready` once it listens.
// POST /test/state changes what it does next: accounts' claims, its key, and mischief with the ID tokens it gives.
import http from 'node:http';
import readline from 'node:readline';

import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, decodeJwt } from 'jose';
import Provider from 'oidc-provider';

const config = await new Promise((resolve) =>
  readline.createInterface({ input: process.stdin }).once('line', (line) => resolve(JSON.parse(line))),
);
const state = { accounts: {}, mischief: null };
let key;
let handle;

async function newKey(kid) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'RS256' };
}

async function tampered(token, mischief) {
  const claims = { ...decodeJwt(token), ...mischief.claims };
  for (const name of mischief.without ?? []) delete claims[name];
  if (mischief.alg === 'none') return new UnsecuredJWT(claims).encode();
  const secret = new TextEncoder().encode(config.client_secret);
  const signer = mischief.alg === 'HS256' ? secret : await importJWK(mischief.stranger ? await newKey(key.kid) : key, 'RS256');
  return new SignJWT(claims).setProtectedHeader({ alg: mischief.alg ?? 'RS256', kid: key.kid }).sign(signer);
}

async function start(kid) {
  key = await newKey(kid);
  const provider = new Provider(`http://127.0.0.1:${config.port}`, {
    clients: [{
      client_id: 'opsconductor',
      client_secret: config.client_secret,
      redirect_uris: config.redirect_uris,
      response_types: ['code'],
      grant_types: ['authorization_code'],
    }],
    jwks: { keys: [key] },
    cookies: { keys: ['for the tests only'] },
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: {
      openid: ['sub'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, ...state.accounts[id] }),
    }),
  });
  provider.use(async (ctx, next) => {
    await next();
    const { mischief } = state;
    if (!mischief || mischief.path !== ctx.path) return;
    if (mischief.bytes) ctx.body = { padding: 'x'.repeat(mischief.bytes) };
    else if (mischief.body) ctx.body = mischief.body;
    else if (ctx.body?.id_token) ctx.body = { ...ctx.body, id_token: await tampered(ctx.body.id_token, mischief) };
  });
  handle = provider.callback();
}

async function change(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { rotate, ...changes } = JSON.parse(text);
  Object.assign(state, changes);
  if (rotate) await start(rotate);
  response.end();
}

await start('first');
http
  .createServer((request, response) => (request.url === '/test/state' ? change : handle)(request, response))
  .listen(config.port, '127.0.0.1', () => console.log('ready'));
