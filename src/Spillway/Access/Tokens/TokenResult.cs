using System.Diagnostics.CodeAnalysis;

namespace Spillway.Access.Tokens;

/// <summary>What a token allows, or what is wrong with it.</summary>
internal readonly struct TokenResult
{
    private TokenResult(AccessTicket? ticket, TokenFault fault, string text) => (Ticket, Fault, Text) = (ticket, fault, text);

    /// <summary>What it allows; null where it is not good.</summary>
    public AccessTicket? Ticket { get; }

    public TokenFault Fault { get; }

    /// <summary>What is wrong, as a sentence; empty where nothing is.</summary>
    public string Text { get; }

    [MemberNotNullWhen(true, nameof(Ticket))]
    public bool IsGood => Ticket is not null;

    public static TokenResult Good(AccessTicket ticket) => new(ticket, TokenFault.None, "");

    public static TokenResult Refuse(TokenFault fault, string text) => new(null, fault, text);
}
