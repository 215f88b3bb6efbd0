using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.Mercure.Tokens;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Stands before every endpoint of the Mercure hub, as <see cref="AccessGate"/> does before the hub's own: what a request presents becomes the ticket that the endpoint is handed, or it is answered here.</summary>
internal sealed partial class MercureGate : IReloadable, IAsyncDisposable
{
    private const string Exposed = "Mercure-Last-Event-ID, Last-Event-ID, Link";

    private readonly AccessJournal _journal;
    private readonly MatcherReader _matchers;
    private readonly TokenMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CredentialJudge _judge;
    private readonly HostJudge? _host; // Null: nobody else is asked.
    private readonly MercureStanding _standing = new();
    private readonly MercureOptions _started;
    private readonly PlanInForce<MercurePlan>? _plans; // Null: there is no Mercure hub.

    public MercureGate(
        IOptions<SpillwayOptions> options, MatcherReader matchers, AccessJournal journal, Revocations revocations, TokenMetrics metrics, TimeProvider clock, ILogger<MercureGate> logger,
        IAccessCallback? callback = null)
    {
        (_journal, _matchers, _metrics, _clock, _logger, _judge) = (journal, matchers.ForTokens, metrics, clock, logger, new CredentialJudge(revocations, clock));
        _host = callback is null ? null : new HostJudge(callback, _judge, journal, clock, logger);
        _started = options.Value.Mercure; // Checked when the host started.
        if (_started.Enabled)
        {
            _plans = new PlanInForce<MercurePlan>(CreatePlan(options.Value));
            _standing.Set(_plans.Current.Entries);
        }
    }

    /// <summary>Another plan is in force: whoever holds tickets asks each whether it still stands. Called by whoever takes options over, who waits for it.</summary>
    public event Action? Changed;

    /// <summary>What the hub says of itself; null: nothing.</summary>
    public MercureMetadata? Metadata => _plans?.Current.Metadata;

    /// <summary>Tells the operator that there is a Mercure hub, and for whom.</summary>
    public void TellStart()
    {
        if (_plans is not null)
        {
            Log.Begins(_logger, _started.Path, _started.Url, _plans.Current.Accepted);
        }
    }

    /// <summary>Makes another plan ready. Where the hub is and what it speaks waits for a restart.</summary>
    public PreparedChange? Prepare(SpillwayOptions options)
    {
        if (_plans is not { Current: var before } plans || !options.Mercure.Enabled || options.Access.Mode != AccessMode.Tokens)
        {
            return null;
        }

        var next = CreatePlan(options);
        if (next.Digest == before.Digest)
        {
            next.Leave();
            return null;
        }

        return new PreparedChange(() => Apply(plans, before, next), next.Leave);
    }

    /// <summary>
    /// Has a request served with its ticket, or answers it: 401 without a token that it takes, 403 where that allows nothing of the kind, 400 where it cannot be told what is presented. There is no asynchronous method around what is
    /// served, if that can be helped: streams last for hours, and each would hold it.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="publishing">Whether it publishes; else it subscribes.</param>
    /// <param name="serve">Serves it.</param>
    public Task ServeAsync(HttpContext context, bool publishing, Func<HttpContext, MercureTicket, Task> serve)
    {
        Expose(context.Response.Headers);
        var judging = _plans!.JudgeAsync( // Nothing is mapped where there is no hub.
            (Gate: this, Context: context, Publishing: publishing), static (plan, asked) => asked.Gate.JudgeAsync(plan, asked.Context, asked.Publishing));
        return judging.IsCompletedSuccessfully ? AnswerAsync(context, judging.Result, publishing, serve) : ServeSlowAsync(context, judging, publishing, serve);
    }

    /// <summary>Refuses a request that was let in, for what its ticket does not allow.</summary>
    public Task RefuseAsync(HttpContext context, Problem problem)
    {
        _journal.Note(problem);
        return ProblemWriter.WriteAsync(context, Challenge(problem));
    }

    /// <summary>A problem as this hub tells it: a challenge says where the hub describes itself (A3).</summary>
    public Problem Challenge(Problem problem) =>
        problem.Challenge is not null && Metadata is { } metadata ? problem with { Challenge = $"{problem.Challenge}, resource_metadata=\"{metadata.Url}\"" } : problem;

    public ValueTask DisposeAsync() => _plans?.DisposeAsync() ?? ValueTask.CompletedTask;

    private MercurePlan CreatePlan(SpillwayOptions options) => MercureSetup.CreatePlan(options, _started, _matchers, _standing, _metrics, _clock, _logger);

    private void Apply(PlanInForce<MercurePlan> plans, MercurePlan before, MercurePlan next)
    {
        next.TakeOver(before); // Not earlier: it may have learned something meanwhile.
        _standing.Replace(next.Entries, () => plans.Replace(next));
        Log.Changed(_logger, next.Accepted);
        Changed?.Invoke();
    }

    /// <summary>Tells browsers which headers pages of other origins may read, where they may read any.</summary>
    private static void Expose(IHeaderDictionary headers)
    {
        if (headers.AccessControlExposeHeaders is { Count: > 0 } own)
        {
            headers.AccessControlExposeHeaders = $"{own}, {Exposed}";
        }
    }

    private async ValueTask<AccessAnswer> JudgeByHostAsync(MercurePlan plan, HttpContext context, bool publishing, HostJudge host) =>
        await host.JudgeAsync(context, plan.CallbackTimeout, plan.Limits) ?? await JudgeTokenAsync(plan, context, publishing);

    private ValueTask<AccessAnswer> JudgeAsync(MercurePlan plan, HttpContext context, bool publishing) =>
        _host is null ? JudgeTokenAsync(plan, context, publishing) : JudgeByHostAsync(plan, context, publishing, _host);

    private ValueTask<AccessAnswer> JudgeTokenAsync(MercurePlan plan, HttpContext context, bool publishing)
    {
        if (plan.Reader.Read(context, publishing, out var presented) is { } fault)
        {
            return new(AccessAnswer.Refuse(fault));
        }

        if (presented is not { } credential)
        {
            return new(publishing || plan.Anonymous is null ? AccessAnswer.Refuse(MercureProblems.NoCredential()) : _judge.CheckTime(plan.Anonymous));
        }

        var validator = publishing ? plan.Publishers : plan.Subscribers;
        var validating = validator.ValidateAsync(Encoding.UTF8.GetBytes(credential.Token), context.RequestAborted);
        return validating.IsCompletedSuccessfully ? new(Conclude(context, credential, validating.Result)) : ConcludeSlowAsync(context, credential, validating);
    }

    private async ValueTask<AccessAnswer> ConcludeSlowAsync(HttpContext context, MercureCredential credential, ValueTask<TokenResult> validating) =>
        Conclude(context, credential, await validating);

    private AccessAnswer Conclude(HttpContext context, MercureCredential credential, TokenResult result)
    {
        var answer = CredentialJudge.CheckBindings(context, _judge.Conclude(result));
        return answer.IsGood && credential.IsInUrl && answer.Ticket.Foreign is MercureClaims { Dialect: not Dialect.Classic }
            ? AccessAnswer.Refuse(AccessProblems.InUrl(MercureCredentialReader.InUrl)) : answer;
    }

    private async Task ServeSlowAsync(HttpContext context, ValueTask<AccessAnswer> judging, bool publishing, Func<HttpContext, MercureTicket, Task> serve)
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

        await AnswerAsync(context, answer, publishing, serve);
    }

    private Task AnswerAsync(HttpContext context, AccessAnswer answer, bool publishing, Func<HttpContext, MercureTicket, Task> serve)
    {
        if (!answer.IsGood)
        {
            return RefuseAsync(context, answer.Problem);
        }

        var ticket = MercureTicket.Of(answer.Ticket);
        return publishing && ticket.Publish.IsEmpty ? RefuseAsync(context, MercureProblems.PublishesNothing(ticket)) : serve(context, ticket);
    }
}
