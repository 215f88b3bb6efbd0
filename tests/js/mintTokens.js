// Tokens that jose makes, an implementation that nobody here wrote: `node mintTokens.js PAYLOAD` prints one for each algorithm, with the public key or the secret as a JWK.
import { SignJWT, exportJWK, generateKeyPair, generateSecret } from 'jose';

const payload = JSON.parse(process.argv[2]);
for (const alg of ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']) {
  const options = { extractable: true };
  const pair = alg.startsWith('HS') ? { privateKey: await generateSecret(alg, options) } : await generateKeyPair(alg, options);
  const jwk = await exportJWK(pair.publicKey ?? pair.privateKey);
  const token = await new SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT', kid: `key-${alg}` }).sign(pair.privateKey);
  console.log(JSON.stringify({ alg, jwk: { ...jwk, alg, kid: `key-${alg}`, use: 'sig' }, token }));
}
