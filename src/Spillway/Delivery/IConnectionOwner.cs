namespace Spillway.Delivery;

/// <summary>Who has given a connection to a loop, and is told what became of it. One of the two calls comes, once.</summary>
internal interface IConnectionOwner : IConnectionPlace
{
    /// <summary>The loop has given it a number and a generation; nothing has been written. On the loop.</summary>
    void Adopted(int number, int generation);

    /// <summary>The loop has stopped and takes nobody. On any thread.</summary>
    void Refused();
}
