using System.Diagnostics.CodeAnalysis;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>What a request is handed, or what it is told.</summary>
internal readonly struct AccessAnswer
{
    private AccessAnswer(AccessTicket? ticket, Problem? problem) => (Ticket, Problem) = (ticket, problem);

    public AccessTicket? Ticket { get; }

    public Problem? Problem { get; }

    [MemberNotNullWhen(true, nameof(Ticket))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsGood => Ticket is not null;

    public static AccessAnswer Admit(AccessTicket ticket) => new(ticket, null);

    public static AccessAnswer Refuse(Problem problem) => new(null, problem);
}
