using System.Security.Cryptography;
using System.Text;

namespace Spillway.Access;

/// <summary>The API keys of a configuration, by their hashes: what is kept cannot be presented. They are random, so a hash without salt is enough.</summary>
/// <param name="keys">Each with what it allows.</param>
internal sealed class ApiKeyRing(IReadOnlyList<(byte[] Hash, AccessTicket Ticket)> keys)
{
    /// <summary>What every key begins with. No token does: those are objects in base64, and begin with <c>ey</c>.</summary>
    public const string Prefix = "spk_";

    public int Count => keys.Count;

    /// <summary>What they allow.</summary>
    public IEnumerable<AccessTicket> Tickets => keys.Select(static key => key.Ticket);

    /// <summary>What a key allows; null where it is none of these. All are compared, whole: the time that this takes says nothing.</summary>
    public AccessTicket? Find(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        AccessTicket? found = null;
        foreach (var (known, ticket) in keys)
        {
            found = CryptographicOperations.FixedTimeEquals(known, hash) ? ticket : found;
        }

        return found;
    }
}
