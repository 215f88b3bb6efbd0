using System.Text;
using Spillway.Access;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>What those are told whom the Mercure hub does not let in, where <see cref="AccessProblems"/> has no words for it.</summary>
internal static class MercureProblems
{
    /// <summary>Nothing was presented (A3): the challenge has no error.</summary>
    public static Problem NoCredential() => AccessProblems.NoCredential() with
    {
        Detail = "This needs a token, and the request has none that counts; send \"Authorization: Bearer …\" with an access token of Mercure, or the hub's cookie.",
    };

    /// <summary>What is presented cannot be a token, whoever made it (A3). It is not repeated.</summary>
    /// <param name="kind">What it is in: header, cookie or parameter.</param>
    /// <param name="name">Its name.</param>
    public static Problem NoToken(string kind, string name) =>
        AccessProblems.Malformed(name, $"The {kind} {name} holds no token of RFC 6750: letters, digits and -._~+/= without a space; send one.");

    /// <summary>A good token that allows to publish nothing at all.</summary>
    public static Problem PublishesNothing(MercureTicket ticket) => AccessProblems.Insufficient("The token does not allow to publish anything; present one that grants it.", ticket.Ticket.Subject);

    /// <summary>A good token that does not allow this (A3, P9).</summary>
    /// <param name="field">What named the topic.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="verb">What is not granted, for example <c>publish to</c>.</param>
    /// <param name="ticket">Who asked.</param>
    public static Problem NotGranted(string field, ReadOnlySpan<byte> topic, string verb, MercureTicket ticket) =>
        AccessProblems.NotGranted(field, Encoding.UTF8.GetString(topic), verb, ticket.Ticket.Subject);
}
