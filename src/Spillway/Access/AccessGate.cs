using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access.Tokens;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>
/// Stands before every endpoint: from what a request presents it makes the ticket that the endpoint is handed, or answers it itself. An open hub asks for nothing, and hands everybody the same one.
/// </summary>
internal sealed partial class AccessGate : IAsyncDisposable
{
    /// <summary>By what clients name themselves; a token may be bound to such a name.</summary>
    public const string ClientHeader = "Spillway-Client";

    private readonly AccessJournal _journal;
    private readonly Revocations _revocations;
    private readonly TimeProvider _clock;
    private readonly CredentialReader _reader;
    private readonly TokenValidator? _tokens; // Null: the hub is open.
    private readonly ApiKeyRing _keys;
    private readonly AccessTicket? _anonymous;
    private readonly int _issuers;
    private readonly ILogger _logger;

    public AccessGate(IOptions<SpillwayOptions> options, AccessJournal journal, Revocations revocations, TokenMetrics metrics, TimeProvider clock, ILogger<AccessGate> logger)
    {
        var access = options.Value.Access;
        (_journal, _revocations, _clock, _reader) = (journal, revocations, clock, new CredentialReader(access.Cookie));
        (_issuers, _logger) = (access.Issuers.Count, logger);
        _keys = AccessSetup.ReadKeys(access, []); // The options were checked when the host started.
        _anonymous = AccessSetup.ReadAnonymous(access, []);
        _tokens = access.Mode == AccessMode.Open ? null : TokenSetup.Create(access, new SpillwayTicketReader(), metrics, clock, logger);
    }

    /// <summary>Whether everybody may do everything.</summary>
    public bool IsOpen => _tokens is null;

    /// <summary>Tells the operator whom the hub lets in.</summary>
    public void TellStart()
    {
        if (!IsOpen)
        {
            Log.Asks(_logger, _issuers, _keys.Count, _anonymous is null ? "nothing" : "what Access:Anonymous grants");
        }
    }

    /// <summary>
    /// Has a request served with its ticket, or refuses it. There is no asynchronous method around what is served, if that can be helped: streams last for hours, and each would hold it.
    /// </summary>
    public Task ServeAsync(HttpContext context, Func<HttpContext, AccessTicket, Task> serve)
    {
        if (_tokens is null)
        {
            return serve(context, AccessTicket.Everything);
        }

        var judging = JudgeAsync(context, _tokens);
        return judging.IsCompletedSuccessfully ? AnswerAsync(context, judging.Result, serve) : ServeSlowAsync(context, judging, serve);
    }

    /// <summary>Like <see cref="ServeAsync"/>, for operators alone.</summary>
    public Task ServeAdminAsync(HttpContext context, RequestDelegate serve) =>
        ServeAsync(context, (served, ticket) => ticket.Admin ? serve(served) : RefuseAsync(served, AccessProblems.NotAdmin(ticket)));

    /// <summary>
    /// Judges a credential that comes over a connection in the place of the one that opened it. From where it comes cannot be seen there, so it has to be bound to the same address and client.
    /// </summary>
    public ValueTask<AccessAnswer> JudgeRenewalAsync(string credential, AccessTicket before, CancellationToken cancellationToken) =>
        _tokens is null ? new(AccessAnswer.Refuse(AccessProblems.NothingToRenew())) : JudgeRenewalAsync(JudgeAsync(credential, _tokens, cancellationToken), before);

    /// <summary>Refuses a request that was let in, for what its ticket does not allow.</summary>
    public Task RefuseAsync(HttpContext context, Problem problem)
    {
        _journal.Note(problem);
        return ProblemWriter.WriteAsync(context, problem);
    }

    public ValueTask DisposeAsync() => _tokens?.DisposeAsync() ?? ValueTask.CompletedTask;

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


    private ValueTask<AccessAnswer> JudgeAsync(HttpContext context, TokenValidator tokens)
    {
        if (_reader.Read(context.Request, out var credential) is { } fault)
        {
            return new(AccessAnswer.Refuse(fault));
        }

        if (credential is null)
        {
            return new(_anonymous is null ? AccessAnswer.Refuse(AccessProblems.NoCredential()) : AccessAnswer.Admit(_anonymous));
        }

        var judging = JudgeAsync(credential, tokens, context.RequestAborted);
        return judging.IsCompletedSuccessfully ? new(CheckBindings(context, judging.Result)) : CheckBindingsSlowAsync(context, judging);
    }

    private ValueTask<AccessAnswer> JudgeAsync(string credential, TokenValidator tokens, CancellationToken cancellationToken)
    {
        if (credential.StartsWith(ApiKeyRing.Prefix, StringComparison.Ordinal))
        {
            return new(_keys.Find(credential) is { } ticket ? CheckTime(ticket) : AccessAnswer.Refuse(AccessProblems.Invalid("unknown-key", "The API key is none of this hub's.")));
        }

        var validating = tokens.ValidateAsync(Encoding.UTF8.GetBytes(credential), cancellationToken);
        return validating.IsCompletedSuccessfully ? new(Judge(validating.Result)) : JudgeSlowAsync(validating);
    }

    private async ValueTask<AccessAnswer> JudgeSlowAsync(ValueTask<TokenResult> validating) => Judge(await validating);

    private static async ValueTask<AccessAnswer> CheckBindingsSlowAsync(HttpContext context, ValueTask<AccessAnswer> judging) => CheckBindings(context, await judging);

    private static async ValueTask<AccessAnswer> JudgeRenewalAsync(ValueTask<AccessAnswer> judging, AccessTicket before)
    {
        var answer = await judging;
        return !answer.IsGood || (Equals(answer.Ticket.Address, before.Address) && answer.Ticket.ClientId == before.ClientId)
            ? answer
            : AccessAnswer.Refuse(AccessProblems.Invalid("bound", "The token is bound to another address or client than the one that opened the connection; come back with it.", answer.Ticket));
    }

    private AccessAnswer Judge(TokenResult result) => result.IsGood
        ? CheckTime(result.Ticket)
        : AccessAnswer.Refuse(AccessProblems.Invalid(result.Fault == TokenFault.Expired ? "expired" : "invalid-token", result.Text));

    /// <summary>Whether a good credential still is. From here on its ticket knows where it is written that it was taken back.</summary>
    private AccessAnswer CheckTime(AccessTicket ticket)
    {
        ticket.Revocations = _revocations;
        return AccessProblems.FindEnd(ticket, _clock.GetUtcNow()) is { } end ? AccessAnswer.Refuse(end) : AccessAnswer.Admit(ticket);
    }

    /// <summary>What a good credential is bound to.</summary>
    private static AccessAnswer CheckBindings(HttpContext context, AccessAnswer answer)
    {
        if (!answer.IsGood)
        {
            return answer;
        }

        var ticket = answer.Ticket;
        if (!ticket.IsGoodAt(context.Connection.RemoteIpAddress))
        {
            return AccessAnswer.Refuse(AccessProblems.Invalid("bound", "The token is bound to another address than the one that this request comes from.", ticket));
        }

        return ticket.ClientId is null || string.Equals(ticket.ClientId, context.Request.Headers[ClientHeader].ToString(), StringComparison.Ordinal)
            ? AccessAnswer.Admit(ticket)
            : AccessAnswer.Refuse(AccessProblems.Invalid("bound", $"The token is bound to another client than the one that {ClientHeader} names.", ticket));
    }
}
