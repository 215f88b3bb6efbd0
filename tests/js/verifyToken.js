// Verifies with jose what others made: `node verifyToken.js JWK TOKEN` prints the payload.
import { importJWK, jwtVerify } from 'jose';

const [jwk, token] = process.argv.slice(2);
const key = JSON.parse(jwk);
const { payload } = await jwtVerify(token, await importJWK(key, key.alg), { currentDate: new Date(1769846400 * 1000) });
console.log(JSON.stringify(payload));
