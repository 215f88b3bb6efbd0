using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Spillway.Access;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Who publishes: to which topics they may, and which ids are theirs.</summary>
/// <param name="ticket">What allows it.</param>
/// <param name="holder">Whose ids they are.</param>
/// <param name="space">In which their ids are names (<see cref="ScopedId"/>); empty: in none.</param>
internal sealed class Publisher(AccessTicket ticket, AccessTicket holder, string space = "")
{
    /// <summary>The type of what a Mercure hub tells of its subscriptions. Nobody who needs a grant publishes it, or the widest grant could forge it.</summary>
    public const string HubType = "mercure";

    private const int MarkBytes = 12; // Enough that nobody finds a name with another one's mark.

    private string? _mark; // What tells their ids from those of others, made for the first one: most events have none. Empty where nobody asks who publishes.

    /// <summary>The host of the hub itself, and everybody on an open hub.</summary>
    public static Publisher Anyone { get; } = new(AccessTicket.Everything, AccessTicket.Everything) { _mark = "" };

    /// <summary>Who publishes by another protocol with a ticket of their own, and whose grants were looked at.</summary>
    public static Publisher Granted(AccessTicket ticket, string space = "") => new(AccessTicket.Everything, ticket, space);

    public static Publisher Of(AccessTicket ticket) => ReferenceEquals(ticket, AccessTicket.Everything) ? Anyone : new Publisher(ticket, ticket);

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
    public string? Scope(string? id) => id is null ? null : ScopedId.Join(_mark ??= space.Length == 0 ? MarkOf(holder) : $"{space}/{MarkOf(holder)}", id);

    // A name of one kind is none of another: each kind has a letter, and of a token the issuer is a part. Those without a subject are told apart by what they may publish to, or one tenant would hear of another's ids.
    private static string MarkOf(AccessTicket ticket)
    {
        if (ticket.Kind == CredentialKind.Nothing)
        {
            return "anonymous";
        }

        var who = ticket.Subject is { } subject ? $"+{subject}" : $"-{ticket.Foreign?.PublishTexts ?? ticket.Publish.Text}";
        var name = ticket switch
        {
            { ApiKey: { } key } => $"k\n{key}",
            { Kind: CredentialKind.Certificate } => $"c\n{who}",
            { Kind: CredentialKind.Host } => $"h\n{who}",
            { Kind: CredentialKind.Opaque } => $"o\n{ticket.Issuer?.Length ?? -1}\n{ticket.Issuer}\n{who}",
            { Kind: CredentialKind.Foreign } => $"f\n{ticket.Issuer?.Length ?? -1}\n{ticket.Issuer}\n{who}",
            _ => $"t\n{ticket.Issuer?.Length ?? -1}\n{ticket.Issuer}\n{who}",
        };
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, MarkBytes));
    }
}
