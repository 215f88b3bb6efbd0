using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Spillway.Access;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Who publishes: to which topics they may, and which ids are theirs.</summary>
/// <param name="ticket">What allows it.</param>
internal sealed class Publisher(AccessTicket ticket)
{
    /// <summary>The type of what a Mercure hub tells of its subscriptions. Nobody who needs a grant publishes it, or the widest grant could forge it.</summary>
    public const string HubType = "mercure";

    private const int MarkBytes = 12; // Enough that nobody finds a name with another one's mark.

    private string? _mark; // What tells their ids from those of others, made for the first one: most events have none. Empty where nobody asks who publishes.

    /// <summary>The host of the hub itself, and everybody on an open hub.</summary>
    public static Publisher Anyone { get; } = new(AccessTicket.Everything) { _mark = "" };

    /// <summary>Those of another protocol, whose grants were looked at, and whose ids have one mark of their own.</summary>
    public static Publisher Marked(string mark) => new(AccessTicket.Everything) { _mark = mark };

    /// <summary>Who publishes by another protocol with a ticket of their own, and whose grants were looked at.</summary>
    public static Publisher Granted(AccessTicket ticket) => new(AccessTicket.Everything) { _mark = MarkOf(ticket) };

    public static Publisher Of(AccessTicket ticket) => ReferenceEquals(ticket, AccessTicket.Everything) ? Anyone : new Publisher(ticket);

    /// <summary>A problem if an event may not be published to one of its topics, or is of a type that is the hub's own.</summary>
    public Problem? FindFault(PushEvent source, EventFieldNames names)
    {
        if (source.Type == HubType && !ReferenceEquals(ticket, AccessTicket.Everything))
        {
            return Problem.InvalidEvent(names.Type, source.Type, $"{names.Type} \"{HubType}\" is of what a Mercure hub itself publishes; choose another name.");
        }

        if (ticket.Publish.AllowsAll)
        {
            return null;
        }

        var problem = FindFault(names.Topic, source.Topic);
        for (var i = 0; i < source.Alternates.Count && problem is null; i++)
        {
            problem = FindFault(names.Alternate(i), source.Alternates[i]);
        }

        return problem;
    }

    /// <summary>A problem if a topic may not be published to.</summary>
    public Problem? FindFault(string field, string topic)
    {
        Span<byte> utf8 = stackalloc byte[Topic.MaxBytes];
        return ticket.Publish.Allows(utf8[..Encoding.UTF8.GetBytes(topic, utf8)]) ? null : AccessProblems.NotGranted(field, topic, "publish to", ticket.Subject);
    }

    /// <summary>An id of theirs as it is kept.</summary>
    public string? Scope(string? id) => id is null ? null : ScopedId.Join(_mark ??= MarkOf(ticket), id);

    // A name of one kind is none of another: each kind has a letter, and of a token the issuer is a part. A token without a subject is its issuer's.
    private static string MarkOf(AccessTicket ticket)
    {
        if (ticket is { ApiKey: null, Issuer: null, Subject: null, Kind: not CredentialKind.Foreign })
        {
            return "anonymous";
        }

        var name = ticket switch
        {
            { ApiKey: { } key } => $"k\n{key}",
            { Kind: CredentialKind.Certificate } => $"c\n{ticket.Subject}",
            { Kind: CredentialKind.Host } => $"h\n{ticket.Subject}",
            { Kind: CredentialKind.Opaque } => $"o\n{ticket.Issuer?.Length ?? -1}\n{ticket.Issuer}\n{ticket.Subject}",
            { Kind: CredentialKind.Foreign } => $"f\n{ticket.Issuer?.Length ?? -1}\n{ticket.Issuer}\n{ticket.Subject}",
            _ => $"t\n{ticket.Issuer?.Length ?? -1}\n{ticket.Issuer}\n{ticket.Subject}",
        };
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, MarkBytes));
    }
}
