using System.Diagnostics.CodeAnalysis;

namespace Spillway.Access.Tokens;

/// <summary>A signed token in its compact form (RFC 7515, 7.1), taken apart. Nothing of it is believed yet.</summary>
internal sealed class CompactJws
{
    private CompactJws(JwsHeader header, byte[] payload, byte[] signature, int signedLength) =>
        (Header, Payload, Signature, SignedLength) = (header, payload, signature, signedLength);

    public JwsHeader Header { get; }

    public byte[] Payload { get; }

    public byte[] Signature { get; }

    /// <summary>So many bytes of the token, from its beginning, are signed.</summary>
    public int SignedLength { get; }

    public static bool TryParse(ReadOnlySpan<byte> token, TokenLimits limits, [NotNullWhen(true)] out CompactJws? jws, out TokenFault fault, out string text)
    {
        jws = null;
        if (token.Length > limits.TokenBytes)
        {
            (fault, text) = (TokenFault.TooLarge, $"The token has {token.Length} bytes; at most {limits.TokenBytes} are allowed.");
            return false;
        }

        (fault, text) = (TokenFault.Malformed, "");
        var dots = token.Count((byte)'.');
        if (dots != 2)
        {
            text = dots == 4 ? "The token has five parts, so it is encrypted; only signed ones, of three parts, are taken."
                : $"The token has {dots + 1} parts; a signed one has three, divided by dots.";
            return false;
        }

        var first = token.IndexOf((byte)'.');
        var last = token.LastIndexOf((byte)'.');
        if (!Base64UrlText.TryDecode(token[..first], out var head)
            || !Base64UrlText.TryDecode(token[(first + 1)..last], out var payload)
            || !Base64UrlText.TryDecode(token[(last + 1)..], out var signature))
        {
            text = "A part of the token is not base64url in its one spelling: without padding, white space and bits that are not used.";
            return false;
        }

        if (head.Length > limits.HeaderBytes)
        {
            (fault, text) = (TokenFault.TooLarge, $"The token's header has {head.Length} bytes; at most {limits.HeaderBytes} are allowed.");
            return false;
        }

        if (!JwsHeader.TryRead(head, limits.Depth, out var header, out fault, out text))
        {
            return false;
        }

        jws = new CompactJws(header, payload, signature, last);
        return true;
    }
}
