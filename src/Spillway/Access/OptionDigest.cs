using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Spillway.Access;

/// <summary>Tells options that changed from those that stayed: a hash of all their values, so that no secret is kept twice.</summary>
internal static class OptionDigest
{
    /// <param name="options">An object of options, with everything in it.</param>
    /// <param name="more">What else belongs to it, without line breaks.</param>
    public static string Of(object options, params IEnumerable<string> more)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(options, options.GetType()));
        foreach (var text in more)
        {
            hash.AppendData(Encoding.UTF8.GetBytes("\n" + text)); // JSON has none: nothing runs into what stands before it.
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
