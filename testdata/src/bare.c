/*
 * A program without the C library: that its first function has no caller is told by the
 * auxiliary vector alone. fault writes to address 32: fault, _start.
 */
static int *volatile nowhere = (int *)32;

__attribute__((noipa)) void fault(int value)
{
	*nowhere = value;
}

void _start(void)
{
	fault(1);
	for (;;)
		;
}
