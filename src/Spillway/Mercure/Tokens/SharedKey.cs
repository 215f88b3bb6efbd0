using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Spillway.Access.Tokens;

namespace Spillway.Mercure.Tokens;

/// <summary>The key of Mercure 0.x for one purpose, as options have it: a secret that whoever makes tokens has too, or a public key.</summary>
/// <param name="Algorithm">The only algorithm that counts.</param>
/// <param name="Key">The key.</param>
/// <param name="Entry">What stands for it among what tokens are verified by. It is a hash.</param>
internal sealed record SharedKey(SignatureAlgorithm Algorithm, VerificationKey Key, string Entry)
{
    private const string Section = $"{SpillwayOptions.Section}:Mercure";

    /// <summary>Reads the key of a purpose; null where there is none, or where it has a fault, which never shows the key.</summary>
    /// <param name="purpose">Publisher or Subscriber.</param>
    /// <param name="text">The secret, or PEM.</param>
    /// <param name="algorithm">The algorithm's name.</param>
    /// <param name="faults">Where faults are told.</param>
    public static SharedKey? Read(string purpose, string? text, string algorithm, List<string> faults)
    {
        if (!SignatureAlgorithm.TryFind(algorithm, out var known))
        {
            faults.Add($"{Section}:{purpose}Algorithm is \"{algorithm}\"; give it one of {string.Join(", ", SignatureAlgorithm.All)}.");
            return null;
        }

        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!TryRead(text, known, out var key, out var fault))
        {
            faults.Add($"{Section}:{purpose}Key {fault}.");
            return null;
        }

        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}\n{algorithm}\n{text}"));
        return new SharedKey(known, key, $"{purpose}\n{Convert.ToHexString(digest)}");
    }

    private static bool TryRead(string text, SignatureAlgorithm algorithm, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        var maker = new KeyMaker([algorithm]);
        if (algorithm.Family != KeyFamily.Secret)
        {
            return new PemReader(maker).TryRead(null, text, null, out key, out fault);
        }

        // Everybody may know a public key, and so sign with it as a secret.
        if (text.Contains("-----BEGIN ", StringComparison.Ordinal))
        {
            (key, fault) = (null, $"is PEM, which is no secret for {algorithm}; set the algorithm to that of the key, for example RS256");
            return false;
        }

        return maker.TryMakeSecret(null, Encoding.UTF8.GetBytes(text), null, out key, out fault);
    }
}
