namespace Spillway;

/// <summary>Events were refused.</summary>
public sealed class PublishException : Exception
{
    /// <summary>Makes an exception without a status.</summary>
    public PublishException()
    {
    }

    /// <summary>Makes an exception without a status.</summary>
    public PublishException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception without a status.</summary>
    public PublishException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal PublishException(int status, string problem, string message)
        : base(message)
    {
        Status = status;
        Problem = problem;
    }

    /// <summary>The HTTP status that the same request would get: 400, 409, 413, 422, 503 or 507.</summary>
    public int Status { get; }

    /// <summary>The problem's name (docs/protocol.md, section 2), for example <c>topic-ended</c>.</summary>
    public string Problem { get; } = "";
}
