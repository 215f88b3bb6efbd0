namespace Spillway.Client;

/// <summary>The hub refused a request, could not be reached, or answered what this client cannot read.</summary>
public sealed class SpillwayException : Exception
{
    /// <summary>Makes an exception without a status.</summary>
    public SpillwayException()
    {
    }

    /// <summary>Makes an exception without a status.</summary>
    public SpillwayException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception without a status.</summary>
    public SpillwayException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal SpillwayException(int status, string problemType, string detail, string message)
        : base(message)
    {
        Status = status;
        ProblemType = problemType;
        Detail = detail;
    }

    /// <summary>The HTTP status of the answer; 0 if there was none.</summary>
    public int Status { get; }

    /// <summary>The problem's <c>type</c> as the hub sent it, for example <c>urn:spillway:problem:topic-ended</c>; empty if it sent none.</summary>
    public string ProblemType { get; } = "";

    /// <summary>What happened, with which value, and what to do, in the hub's words; empty if it sent none.</summary>
    public string Detail { get; } = "";

    /// <summary>
    /// Events of the same call that were committed before it failed: a long list goes out in several batches. Events that had an id of their own may be published again harmlessly.
    /// </summary>
    public int CommittedEvents { get; internal set; }
}
