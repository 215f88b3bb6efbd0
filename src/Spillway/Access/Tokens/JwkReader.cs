using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace Spillway.Access.Tokens;

/// <summary>Reads keys in JSON (RFC 7517, and RFC 7518, section 6).</summary>
/// <param name="maker">What makes the keys.</param>
/// <param name="takesSecrets">Whether <c>oct</c> is taken: not where anybody can read it.</param>
internal sealed class JwkReader(KeyMaker maker, bool takesSecrets)
{
    /// <summary>Reads a single key. A fault is the end of a sentence that begins with the key.</summary>
    public bool TryRead(JsonElement jwk, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        key = null;
        if (jwk.ValueKind != JsonValueKind.Object || !StrictJson.TryGetText(jwk, "kty", out var type)
            || !StrictJson.TryGetText(jwk, "kid", out var id) || !StrictJson.TryGetText(jwk, "alg", out var named) || !StrictJson.TryGetText(jwk, "use", out var use))
        {
            fault = "is no JSON object with texts for kty, kid, alg and use";
            return false;
        }

        if (use is not (null or "sig") || !MayVerify(jwk))
        {
            fault = "is not for verifying signatures, by its use or key_ops";
            return false;
        }

        if (type is "RSA" or "EC" && jwk.TryGetProperty("d", out _))
        {
            fault = "is a private key; take its public half, and see that nobody else has read this";
            return false;
        }

        switch (type)
        {
            case "RSA":
                if (TryGetBytes(jwk, "n", out var modulus) && TryGetBytes(jwk, "e", out var exponent))
                {
                    return maker.TryMakeRsa(id, new RSAParameters { Modulus = modulus, Exponent = exponent }, named, out key, out fault);
                }

                break;
            case "EC":
                if (BitsOf(jwk) is { } bits && TryGetBytes(jwk, "x", out var x) && TryGetBytes(jwk, "y", out var y))
                {
                    return maker.TryMakeEc(id, bits, new ECPoint { X = x, Y = y }, named, out key, out fault);
                }

                break;
            case "oct" when takesSecrets:
                if (TryGetBytes(jwk, "k", out var secret))
                {
                    return maker.TryMakeSecret(id, secret, named, out key, out fault);
                }

                break;
            default:
                fault = type == "oct" ? "is a secret, which nobody publishes" : $"has the kty \"{ShownText.Of(type ?? "")}\"; RSA, EC and oct are known";
                return false;
        }

        fault = type switch
        {
            "RSA" => "lacks n or e in base64url",
            "EC" => "lacks a crv of P-256, P-384 or P-521, or x or y in base64url",
            _ => "lacks k in base64url",
        };
        return false;
    }

    private static bool MayVerify(JsonElement jwk) => !jwk.TryGetProperty("key_ops", out var uses)
        || (uses.ValueKind == JsonValueKind.Array && uses.EnumerateArray().Any(static use => use.ValueKind == JsonValueKind.String && use.ValueEquals("verify"u8)));

    private static int? BitsOf(JsonElement jwk) => StrictJson.TryGetText(jwk, "crv", out var curve) ? curve switch
    {
        "P-256" => 256,
        "P-384" => 384,
        "P-521" => 521,
        _ => null,
    } : null;

    private static bool TryGetBytes(JsonElement jwk, string name, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        return StrictJson.TryGetText(jwk, name, out var text) && Base64UrlText.TryDecode(text, out bytes) && bytes.Length > 0;
    }
}
