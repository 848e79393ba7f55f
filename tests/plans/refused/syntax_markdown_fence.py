```python
answer("x")
```
