using System.Globalization;
using Spillway.Client.Subscribing;

namespace Spillway.Client.WebSockets;

/// <summary>What the code and the reason of a close frame mean (docs/protocol.md, section 4, How it ends).</summary>
internal static class CloseCode
{
    private const string RetryMark = "retry=";

    /// <summary>The end that a code tells.</summary>
    /// <exception cref="SpillwayException">The hub found a fault in what this client sent, and would again.</exception>
    public static ConnectionEnd Explain(int code, string reason) => code switch
    {
        1000 or 1001 or 1005 => new ConnectionEnd(DisconnectReason.StreamEnded, "The hub ended the stream."),
        1002 or 1003 or 1007 or 1009 => throw new SpillwayException(
            $"The hub closed the WebSocket with code {code} ({Say(reason)}): it found a fault in what this client sent; use versions of hub and client that fit, or another transport."),
        1012 => new ConnectionEnd(DisconnectReason.Drain, "The hub asked to connect again: it stops."),
        4000 => new ConnectionEnd(DisconnectReason.StreamEnded, "All topics have ended.") { NothingFollows = true },
        4001 => new ConnectionEnd(DisconnectReason.Drain, "The hub asked to connect again: the connection had lived long enough."),
        4002 => new ConnectionEnd(DisconnectReason.Drain, "The hub asked to connect again: this connection was too slow for a rule."),
        4004 => new ConnectionEnd(DisconnectReason.Drain, "The hub asked to connect again: the credential was good until now."),
        4005 => new ConnectionEnd(DisconnectReason.Drain, "The hub ended the stream: the credential was taken back."),
        4006 => new ConnectionEnd(DisconnectReason.Drain, "The hub asked to connect again: an operator ended the connection."),
        _ => new ConnectionEnd(DisconnectReason.StreamEnded, $"The hub closed the WebSocket with code {code} ({Say(reason)})."),
    };

    /// <summary>The delay in milliseconds that a reason names, as <c>retry=3127</c>; null if it names none.</summary>
    public static long? ReadRetry(string reason)
    {
        var at = reason.LastIndexOf(RetryMark, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var digits = reason.AsSpan(at + RetryMark.Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : null;
    }

    private static string Say(string reason) => reason.Length == 0 ? "no reason given" : reason;
}
