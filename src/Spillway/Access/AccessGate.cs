using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access.Tokens;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>
/// Stands before every endpoint: from what a request presents it makes the ticket that the endpoint is handed, or answers it itself. An open hub asks for nothing, and hands everybody the same one.
/// </summary>
internal sealed partial class AccessGate : IReloadable, IAsyncDisposable
{
    /// <summary>By what clients name themselves; a token may be bound to such a name.</summary>
    public const string ClientHeader = "Spillway-Client";

    private readonly AccessJournal _journal;
    private readonly TokenMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CredentialJudge _judge;
    private readonly HostJudge? _host; // Null: nobody else is asked.
    private readonly PlanInForce<AccessPlan>? _plans; // Null: the hub is open.

    public AccessGate(IOptions<SpillwayOptions> options, AccessJournal journal, Revocations revocations, TokenMetrics metrics, TimeProvider clock, ILogger<AccessGate> logger, IAccessCallback? callback = null)
    {
        (_journal, _metrics, _clock, _logger, _judge) = (journal, metrics, clock, logger, new CredentialJudge(revocations, clock));
        _host = callback is null ? null : new HostJudge(callback, _judge, journal, clock, logger);
        revocations.StillStands = StillStands;
        var access = options.Value.Access; // Checked when the host started.
        _plans = access.Mode == AccessMode.Open ? null : new PlanInForce<AccessPlan>(CreatePlan(access));
    }

    /// <summary>Another plan is in force: whoever holds tickets asks <see cref="StillStands"/> for each. Called by whoever takes options over, who waits for it.</summary>
    public event Action? Changed;

    /// <summary>Whether everybody may do everything.</summary>
    [MemberNotNullWhen(false, nameof(_plans))]
    public bool IsOpen => _plans is null;

    /// <summary>Tells the operator whom the hub lets in.</summary>
    public void TellStart()
    {
        if (_plans is { Current: var plan })
        {
            Log.Asks(_logger, plan.Accepted, Shown(plan.Anonymous));
        }
    }

    /// <summary>Whether what a ticket was made of is in the options still, unchanged: its API key, what anybody may do; of a token its issuer's name.</summary>
    public bool StillStands(AccessTicket ticket) => ReferenceEquals(ticket, AccessTicket.Everything) || (ticket.Foreign?.StillStands ?? _plans?.Current.StillStands(ticket)) != false;

    /// <summary>Makes another plan ready. A change between open and not waits for a restart, and all that stands beside it: it was not written for this hub.</summary>
    public PreparedChange? Prepare(SpillwayOptions options)
    {
        if (_plans is not { Current: var before } plans || options.Access.Mode == AccessMode.Open)
        {
            return null;
        }

        var next = CreatePlan(options.Access);
        if (next.Digest == before.Digest)
        {
            next.Leave();
            return null;
        }

        return new PreparedChange(() => Apply(plans, before, next), next.Leave);
    }

    /// <summary>
    /// Has a request served with its ticket, or refuses it. There is no asynchronous method around what is served, if that can be helped: streams last for hours, and each would hold it.
    /// </summary>
    public Task ServeAsync(HttpContext context, Func<HttpContext, AccessTicket, Task> serve)
    {
        if (IsOpen)
        {
            return serve(context, AccessTicket.Everything);
        }

        var judging = JudgeAsync(context);
        return judging.IsCompletedSuccessfully ? AnswerAsync(context, judging.Result, serve) : ServeSlowAsync(context, judging, serve);
    }

    /// <summary>Like <see cref="ServeAsync"/>, for operators alone.</summary>
    public Task ServeAdminAsync(HttpContext context, RequestDelegate serve) =>
        ServeAsync(context, (served, ticket) => ticket.Admin ? serve(served) : RefuseAsync(served, AccessProblems.NotAdmin(ticket)));

    /// <summary>
    /// Judges a credential that comes over a connection in the place of the one that opened it. From where it comes cannot be seen there, so it has to be bound to the same address and client; and where a host has its say,
    /// which it has about requests, none is good.
    /// </summary>
    public ValueTask<AccessAnswer> JudgeRenewalAsync(string credential, AccessTicket before, CancellationToken cancellationToken)
    {
        if (IsOpen)
        {
            return new(AccessAnswer.Refuse(AccessProblems.NothingToRenew()));
        }

        if (_host is not null)
        {
            return new(AccessAnswer.Refuse(AccessProblems.RenewByRequest()));
        }

        return _plans.JudgeAsync(
            (Judge: _judge, Credential: credential, Before: before, Cancelled: cancellationToken),
            static (plan, asked) => asked.Judge.JudgeRenewalAsync(asked.Credential, asked.Before, plan, asked.Cancelled));
    }

    /// <summary>Refuses a request that was let in, for what its ticket does not allow.</summary>
    public Task RefuseAsync(HttpContext context, Problem problem)
    {
        _journal.Note(problem);
        return ProblemWriter.WriteAsync(context, problem);
    }

    public ValueTask DisposeAsync() => _plans?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string Shown(AccessTicket? anonymous) => anonymous is null ? "nothing" : "what Access:Anonymous grants";

    private AccessPlan CreatePlan(AccessOptions access) => AccessSetup.CreatePlan(access, _metrics, _clock, _logger);

    private void Apply(PlanInForce<AccessPlan> plans, AccessPlan before, AccessPlan next)
    {
        next.Tokens.TakeOver(before.Tokens); // Not earlier: it may have learned something meanwhile.
        plans.Replace(next);
        Log.Changed(_logger, next.Accepted, Shown(next.Anonymous));
        Changed?.Invoke();
    }

    private async Task ServeSlowAsync(HttpContext context, ValueTask<AccessAnswer> judging, Func<HttpContext, AccessTicket, Task> serve)
    {
        AccessAnswer answer;
        try
        {
            answer = await judging;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // The client has gone: there is nobody to answer.
        }

        await AnswerAsync(context, answer, serve);
    }

    private Task AnswerAsync(HttpContext context, AccessAnswer answer, Func<HttpContext, AccessTicket, Task> serve) =>
        answer.IsGood ? serve(context, answer.Ticket) : RefuseAsync(context, answer.Problem);

    private ValueTask<AccessAnswer> JudgeAsync(HttpContext context) => _plans!.JudgeAsync(
        (Gate: this, Context: context),
        static (plan, asked) => asked.Gate._host is { } host ? asked.Gate.JudgeByHostAsync(asked.Context, plan, host) : asked.Gate._judge.JudgeAsync(asked.Context, plan));

    private async ValueTask<AccessAnswer> JudgeByHostAsync(HttpContext context, AccessPlan plan, HostJudge host) =>
        await host.JudgeAsync(context, plan.CallbackTimeout, plan.Limits) ?? await _judge.JudgeAsync(context, plan);
}
