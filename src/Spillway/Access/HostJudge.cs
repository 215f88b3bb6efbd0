using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spillway.Access.Tokens;

namespace Spillway.Access;

/// <summary>Asks the host what a request may do. Whatever goes wrong there lets nobody in.</summary>
internal sealed partial class HostJudge(IAccessCallback callback, CredentialJudge judge, AccessJournal journal, TimeProvider clock, ILogger logger)
{
    /// <summary>What the host says; null where it leaves that to the hub.</summary>
    /// <param name="context">The request.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="limits">How much it may grant.</param>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the host's own code throws: it costs the request, and lets nobody in.")]
    public async ValueTask<AccessAnswer?> JudgeAsync(HttpContext context, TimeSpan timeout, TokenLimits limits)
    {
        using var late = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        try
        {
            // Waited for by us: whether the host looks at the token is its own affair.
            var decision = await callback.AuthorizeAsync(context, either.Token).AsTask().WaitAsync(either.Token);
            return decision is null ? Note("none", null) : Conclude(decision, limits);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            throw; // The client has gone: there is nobody to answer.
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            Log.Late(logger, timeout);
            return Note("late", AccessAnswer.Refuse(AccessProblems.Unavailable("The application did not say in time what is allowed.")));
        }
        catch (Exception fault)
        {
            Log.Failed(logger, fault);
            return Note("failed", AccessAnswer.Refuse(AccessProblems.Unavailable("The application could not say what is allowed.")));
        }
    }

    private AccessAnswer? Note(string result, AccessAnswer? answer)
    {
        journal.Decided(result);
        return answer;
    }

    private AccessAnswer? Conclude(AccessDecision decision, TokenLimits limits)
    {
        if (decision.Refusal is { } reason)
        {
            return Note("refused", AccessAnswer.Refuse(AccessProblems.Invalid("host", ShownText.Line(reason))));
        }

        if (!GrantSet.TryCreate(decision.Publish, limits.Grants, out var publish, out var fault)
            || !GrantSet.TryCreate(decision.Subscribe, limits.Grants, out var subscribe, out fault)
            || !IsShort(decision.Subject, limits, nameof(decision.Subject), out fault) || !IsShort(decision.TokenId, limits, nameof(decision.TokenId), out fault))
        {
            Log.Unusable(logger, fault);
            return Note("failed", AccessAnswer.Refuse(AccessProblems.Unavailable("The application could not say what is allowed.")));
        }

        var ticket = new AccessTicket
        {
            Kind = CredentialKind.Host,
            Subject = decision.Subject,
            TokenId = decision.TokenId,
            Expires = decision.Expires,
            Publish = publish,
            Subscribe = subscribe,
            Admin = decision.Admin,
        };
        var answer = judge.CheckTime(ticket);
        return Note(answer.IsGood ? "granted" : "refused", answer);
    }

    private static bool IsShort(string? name, TokenLimits limits, string what, out string fault)
    {
        fault = name?.Length > limits.NameLength ? $"{what} has {name.Length} characters; Access:TokenNameLength allows {limits.NameLength}." : "";
        return fault.Length == 0;
    }
}
