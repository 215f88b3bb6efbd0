using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Spillway.Access.Tokens;

namespace Spillway.Access;

/// <summary>Says by a plan what a request may do, from what it presents: a header, else a cookie, else a client certificate, else what nobody has to present anything for.</summary>
internal sealed class CredentialJudge(Revocations revocations, TimeProvider clock)
{
    public ValueTask<AccessAnswer> JudgeAsync(HttpContext context, AccessPlan plan)
    {
        if (plan.Reader.Read(context.Request, out var credential) is { } fault)
        {
            return new(AccessAnswer.Refuse(fault));
        }

        if (credential is null)
        {
            return new(plan.Certificates.Count > 0 && context.Connection.ClientCertificate is { } certificate ? JudgeCertificate(context, plan, certificate)
                : plan.Anonymous is null ? AccessAnswer.Refuse(AccessProblems.NoCredential()) : CheckTime(plan.Anonymous));
        }

        var validating = plan.ValidateAsync(credential, context.RequestAborted);
        return validating.IsCompletedSuccessfully ? new(CheckBindings(context, Conclude(validating.Result))) : JudgeSlowAsync(context, validating);
    }

    /// <summary>Judges a credential that comes in another one's place, bound to the same address and client as that.</summary>
    public async ValueTask<AccessAnswer> JudgeRenewalAsync(string credential, AccessTicket before, AccessPlan plan, CancellationToken cancellationToken)
    {
        var answer = Conclude(await plan.ValidateAsync(credential, cancellationToken));
        return !answer.IsGood || (Equals(answer.Ticket.Address, before.Address) && answer.Ticket.ClientId == before.ClientId)
            ? answer
            : AccessAnswer.Refuse(AccessProblems.Invalid("bound", "The token is bound to another address or client than the one that opened the connection; come back with it.", answer.Ticket));
    }

    /// <summary>Whether a request comes from where a good credential is bound to.</summary>
    public static AccessAnswer CheckBindings(HttpContext context, AccessAnswer answer)
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

        return ticket.ClientId is null || string.Equals(ticket.ClientId, context.Request.Headers[AccessGate.ClientHeader].ToString(), StringComparison.Ordinal)
            ? answer
            : AccessAnswer.Refuse(AccessProblems.Invalid("bound", $"The token is bound to another client than the one that {AccessGate.ClientHeader} names.", ticket));
    }

    /// <summary>Whether a good credential still is. From here on its ticket knows where it is written that it was taken back.</summary>
    public AccessAnswer CheckTime(AccessTicket ticket)
    {
        ticket.Revocations = revocations;
        return AccessProblems.FindEnd(ticket, clock.GetUtcNow()) is { } end ? AccessAnswer.Refuse(end) : AccessAnswer.Admit(ticket);
    }

    /// <summary>What is to be said of a credential that was looked at.</summary>
    public AccessAnswer Conclude(TokenResult result) => result.IsGood ? CheckTime(result.Ticket) : AccessAnswer.Refuse(result.Fault switch
    {
        TokenFault.Unavailable => AccessProblems.Unavailable(result.Text),
        TokenFault.Expired => AccessProblems.Invalid("expired", result.Text),
        TokenFault.NotYetValid => AccessProblems.Invalid("not-yet-valid", result.Text),
        TokenFault.UnknownKey => AccessProblems.Invalid("unknown-key", result.Text),
        TokenFault.UnknownCertificate => AccessProblems.Invalid("unknown-certificate", result.Text),
        _ => AccessProblems.Invalid("invalid-token", result.Text),
    });

    // Browsers add a certificate as they add cookies.
    private AccessAnswer JudgeCertificate(HttpContext context, AccessPlan plan, X509Certificate2 certificate) =>
        CookieOrigin.FindFault(context) is { } foreign ? AccessAnswer.Refuse(foreign) : Conclude(plan.Validate(certificate, clock.GetUtcNow()));

    private async ValueTask<AccessAnswer> JudgeSlowAsync(HttpContext context, ValueTask<TokenResult> validating) => CheckBindings(context, Conclude(await validating));
}
