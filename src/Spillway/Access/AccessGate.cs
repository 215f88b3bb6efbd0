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
    private readonly Lock _changing = new();
    private readonly List<AccessPlan> _old = []; // Those that may still judge somebody.
    private volatile AccessPlan? _plan; // Null: the hub is open.

    public AccessGate(IOptions<SpillwayOptions> options, AccessJournal journal, Revocations revocations, TokenMetrics metrics, TimeProvider clock, ILogger<AccessGate> logger, IAccessCallback? callback = null)
    {
        (_journal, _metrics, _clock, _logger, _judge) = (journal, metrics, clock, logger, new CredentialJudge(revocations, clock));
        _host = callback is null ? null : new HostJudge(callback, _judge, journal, clock, logger);
        revocations.StillStands = StillStands;
        var access = options.Value.Access; // Checked when the host started.
        _plan = access.Mode == AccessMode.Open ? null : CreatePlan(access);
    }

    /// <summary>Another plan is in force: whoever holds tickets asks <see cref="StillStands"/> for each. Called by whoever takes options over, who waits for it.</summary>
    public event Action? Changed;

    /// <summary>Whether everybody may do everything.</summary>
    public bool IsOpen => _plan is null;

    /// <summary>Tells the operator whom the hub lets in.</summary>
    public void TellStart()
    {
        if (_plan is { } plan)
        {
            Log.Asks(_logger, plan.Accepted, Shown(plan.Anonymous));
        }
    }

    /// <summary>Whether what a ticket was made of is in the options still, unchanged: its API key, what anybody may do; of a token its issuer's name.</summary>
    public bool StillStands(AccessTicket ticket) => ReferenceEquals(ticket, AccessTicket.Everything) || _plan?.StillStands(ticket) != false;

    /// <summary>Makes another plan ready. A change between open and not waits for a restart, and all that stands beside it: it was not written for this hub.</summary>
    public PreparedChange? Prepare(SpillwayOptions options)
    {
        if (_plan is not { } before || options.Access.Mode == AccessMode.Open)
        {
            return null;
        }

        var next = CreatePlan(options.Access);
        if (next.Digest == before.Digest)
        {
            next.Leave();
            return null;
        }

        return new PreparedChange(() => Apply(before, next), next.Leave);
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
    /// Judges a credential that comes over a connection in the place of the one that opened it. From where it comes cannot be seen there, so it has to be bound to the same address and client.
    /// </summary>
    public ValueTask<AccessAnswer> JudgeRenewalAsync(string credential, AccessTicket before, CancellationToken cancellationToken)
    {
        if (IsOpen)
        {
            return new(AccessAnswer.Refuse(AccessProblems.NothingToRenew()));
        }

        var plan = Enter();
        return LeaveBehindAsync(plan, _judge.JudgeRenewalAsync(credential, before, plan, cancellationToken));
    }

    /// <summary>Refuses a request that was let in, for what its ticket does not allow.</summary>
    public Task RefuseAsync(HttpContext context, Problem problem)
    {
        _journal.Note(problem);
        return ProblemWriter.WriteAsync(context, problem);
    }

    public async ValueTask DisposeAsync()
    {
        AccessPlan[] plans;
        lock (_changing)
        {
            plans = [.. _old, .. _plan is { } plan ? [plan] : Array.Empty<AccessPlan>()];
        }

        foreach (var plan in plans)
        {
            await plan.DisposeAsync();
        }
    }

    private static string Shown(AccessTicket? anonymous) => anonymous is null ? "nothing" : "what Access:Anonymous grants";

    private AccessPlan CreatePlan(AccessOptions access) => AccessSetup.CreatePlan(access, _metrics, _clock, _logger);

    private void Apply(AccessPlan before, AccessPlan next)
    {
        next.Tokens.TakeOver(before.Tokens); // Not earlier: it may have learned something meanwhile.
        lock (_changing)
        {
            _old.RemoveAll(static plan => plan.IsGone);
            _old.Add(before);
            _plan = next;
        }

        before.Leave();
        Log.Changed(_logger, next.Accepted, Shown(next.Anonymous));
        Changed?.Invoke();
    }

    private AccessPlan Enter()
    {
        while (true)
        {
            var plan = _plan!;
            if (plan.TryEnter())
            {
                return plan;
            }
        }
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


    private ValueTask<AccessAnswer> JudgeAsync(HttpContext context)
    {
        var plan = Enter();
        var judging = new ValueTask<AccessAnswer>();
        var isLeft = true;
        try
        {
            judging = _host is null ? _judge.JudgeAsync(context, plan) : JudgeByHostAsync(context, plan, _host);
            isLeft = judging.IsCompleted;
        }
        finally
        {
            if (isLeft)
            {
                plan.Leave();
            }
        }

        return isLeft ? judging : LeaveBehindAsync(plan, judging);
    }

    private async ValueTask<AccessAnswer> JudgeByHostAsync(HttpContext context, AccessPlan plan, HostJudge host) =>
        await host.JudgeAsync(context, plan) ?? await _judge.JudgeAsync(context, plan);

    private static async ValueTask<AccessAnswer> LeaveBehindAsync(AccessPlan plan, ValueTask<AccessAnswer> judging)
    {
        try
        {
            return await judging;
        }
        finally
        {
            plan.Leave();
        }
    }
}
