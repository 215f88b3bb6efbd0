using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Spillway.Access.Tokens;

/// <summary>Reads sets of keys in JSON (RFC 7517, section 5), or one key alone.</summary>
/// <param name="keys">What reads a key.</param>
/// <param name="limits">How many there may be.</param>
internal sealed class KeySetReader(JwkReader keys, KeySetLimits limits)
{
    private const int Depth = 8; // Three are enough; issuers add members of their own.

    /// <summary>
    /// Reads a set. A key of a kind or use that is not known is passed over (RFC 7517, 5): issuers publish those for others. A set without any that can be used is a set, too:
    /// so an issuer takes back all its keys.
    /// </summary>
    /// <param name="json">The document.</param>
    /// <param name="set">The keys.</param>
    /// <param name="skipped">Why some were passed over, as the ends of sentences that begin with the key.</param>
    /// <param name="fault">What is wrong with the set, as the end of a sentence that begins with it.</param>
    public bool TryRead(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out KeySet? set, out IReadOnlyList<string> skipped, out string fault)
    {
        (set, skipped) = (null, []);
        if (!StrictJson.TryParseObject(json, Depth, out var document, out fault))
        {
            return false;
        }

        using (document)
        {
            var root = document.RootElement;
            if (!root.TryGetProperty("keys", out var list))
            {
                return TryReadSingle(root, out set, out fault);
            }

            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > limits.Keys)
            {
                fault = list.ValueKind == JsonValueKind.Array ? $"has {list.GetArrayLength()} keys; at most {limits.Keys} are allowed" : "has keys that are no list";
                return false;
            }

            var (read, passed) = (new List<VerificationKey>(), new List<string>());
            foreach (var jwk in list.EnumerateArray())
            {
                if (keys.TryRead(jwk, out var key, out var why))
                {
                    read.Add(key);
                }
                else
                {
                    passed.Add(why);
                }
            }

            set = new KeySet(read);
            skipped = passed;
            return true;
        }
    }

    private bool TryReadSingle(JsonElement jwk, [NotNullWhen(true)] out KeySet? set, out string fault)
    {
        set = keys.TryRead(jwk, out var key, out fault) ? new KeySet([key]) : null;
        return set is not null;
    }
}
